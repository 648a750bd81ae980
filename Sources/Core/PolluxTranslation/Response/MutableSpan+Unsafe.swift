/// Words into bytes, from the lowest byte on.
///
/// Invariant: what is stored is a number, which any bytes are, and its place is tested against the span's end.
/// Gain: the digits of a UUID in six stores and not in thirty-two, 80 instructions instead of 295.
extension MutableSpan<UInt8> {
    @inline(__always)
    mutating func store(_ word: UInt64, at offset: Int) {
        var bytes = unsafe mutableBytes
        bytes.storeBytes(of: word.littleEndian, toByteOffset: offset, as: UInt64.self)
    }

    /// Only the lower half.
    @inline(__always)
    mutating func store(half word: UInt64, at offset: Int) {
        var bytes = unsafe mutableBytes
        bytes.storeBytes(
            of: UInt32(truncatingIfNeeded: word).littleEndian, toByteOffset: offset, as: UInt32.self)
    }
}
