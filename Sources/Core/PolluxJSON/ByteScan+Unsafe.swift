/// Reads that the compiler cannot check.
///
/// Invariant: each function tests its range against `count` before it reads.
/// Gain: loading a word in one instruction instead of eight checked bytes makes the parser 1.6 times
/// as fast (8.8 -> 5.4 µs on a 14 KB agent request, see `shared` measurements in docs/performance.md).
extension Span where Element == UInt8 {
    /// The eight bytes from `offset`, the first one lowest.
    @inlinable @inline(__always)
    public func word(at offset: Int) -> UInt64 {
        precondition(offset >= 0 && offset &+ 8 <= count)
        return unsafe UInt64(littleEndian: bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }

    /// The eight bytes from `offset`, which the caller has just compared with `count - 8`, and which began at 0 and
    /// only grew.
    @inlinable @inline(__always)
    func nextWord(at offset: Int) -> UInt64 {
        assert(offset >= 0 && offset &+ 8 <= count)
        return unsafe UInt64(littleEndian: bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: offset, as: UInt64.self))
    }

    /// The byte at `offset`, which the caller has just compared with `count`, and which began at 0 and only grew.
    @inlinable @inline(__always)
    func byte(at offset: Int) -> UInt8 {
        assert(offset >= 0 && offset < count)
        return unsafe self[unchecked: offset]
    }

    /// Whether the bytes from `offset` are those of `text`.
    @inlinable
    public func matches(_ text: StaticString, at offset: Int = 0) -> Bool {
        let length = text.utf8CodeUnitCount
        guard offset >= 0, offset &+ length <= count else { return false }
        let start = unsafe text.utf8Start
        for index in 0..<length where unsafe start[index] != self[offset &+ index] { return false }
        return true
    }

    /// Whether these bytes are exactly those of `other`.
    public func equals(_ other: Span<UInt8>) -> Bool {
        guard count == other.count else { return false }
        var at = 0
        while at &+ 8 <= count {
            guard word(at: at) == other.word(at: at) else { return false }
            at &+= 8
        }
        while at < count {
            guard byte(at: at) == other.byte(at: at) else { return false }
            at &+= 1
        }
        return true
    }

    /// Whether these bytes are exactly those of `text`.
    @inlinable
    public func equals(_ text: StaticString) -> Bool {
        count == text.utf8CodeUnitCount && matches(text)
    }
}
