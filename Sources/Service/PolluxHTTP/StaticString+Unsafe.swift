extension StaticString {
    /// A byte of a literal, which has no other way to them.
    ///
    /// Invariant: the index is compared with the literal's length before it is read.
    @inlinable @inline(__always)
    func byte(_ index: Int) -> UInt8 {
        precondition(index >= 0 && index < utf8CodeUnitCount)
        return unsafe utf8Start[index]
    }

    /// Eight bytes of a literal from `index` on, the first one lowest.
    ///
    /// Invariant: as above, for the last of the eight.
    @inlinable @inline(__always)
    func word(at index: Int) -> UInt64 {
        precondition(index >= 0 && index &+ 8 <= utf8CodeUnitCount)
        return unsafe UInt64(littleEndian: UnsafeRawPointer(utf8Start + index).loadUnaligned(as: UInt64.self))
    }
}
