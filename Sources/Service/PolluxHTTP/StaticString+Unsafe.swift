extension StaticString {
    /// A byte of a literal, which has no other way to them.
    ///
    /// Invariant: the index is compared with the literal's length before it is read.
    @inlinable @inline(__always)
    func byte(_ index: Int) -> UInt8 {
        precondition(index >= 0 && index < utf8CodeUnitCount)
        return unsafe utf8Start[index]
    }
}
