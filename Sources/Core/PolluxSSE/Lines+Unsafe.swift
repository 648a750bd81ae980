internal import PolluxVector

/// Looking for the ends of lines sixteen bytes at a time, and copies in one piece.
///
/// Invariant: a vector is loaded only where sixteen bytes are left; the span lends its bytes for the length of the call.
/// Gain: events of 230 bytes are cut from a stream at 9.9 GB/s, byte by byte at 1.6; in pieces of 1000 bytes at 5.8
/// instead of 1.1.
extension Span<UInt8> {
    /// The first place at or behind `start` with CR or LF; `count` when there is none.
    func indexOfLineEnd(from start: Int) -> Int {
        precondition(start >= 0)
        var at = start
        while at &+ 16 <= count {
            let vector = unsafe bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: at, as: SIMD16<UInt8>.self)
            let marks = pollux_marks_line_end(vector)
            if marks != 0 { return at &+ marks.trailingZeroBitCount }
            at &+= 16
        }
        while at < count {
            let byte = self[at]
            if byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") { return at }
            at &+= 1
        }
        return count
    }
}

extension [UInt8] {
    mutating func append(copying bytes: Span<UInt8>) {
        unsafe bytes.withUnsafeBufferPointer { unsafe append(contentsOf: $0) }
    }
}
