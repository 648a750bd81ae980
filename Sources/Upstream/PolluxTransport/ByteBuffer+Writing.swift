public import NIOCore

extension ByteBuffer {
    /// Appends a copy.
    public mutating func write(copying bytes: Span<UInt8>) {
        _ = unsafe bytes.withUnsafeBufferPointer { unsafe writeBytes($0) }
    }

    /// Puts a copy at a place.
    mutating func set(copying bytes: Span<UInt8>, at index: Int) {
        _ = unsafe bytes.withUnsafeBufferPointer { unsafe setBytes($0, at: index) }
    }

    /// Room before a chunk's bytes for its size and the end of that line: more digits than a size has.
    public static let chunkHeadBytes = 18

    /// Puts the size of a chunk before it, into the room of ``chunkHeadBytes`` (RFC 9112 § 7.1).
    public mutating func prependChunkSize() {
        precondition(readerIndex >= Self.chunkHeadBytes)
        var line = InlineArray<18, UInt8>(repeating: UInt8(ascii: "\r"))
        line[17] = UInt8(ascii: "\n")
        var rest = UInt64(readableBytes)
        var start = 16
        repeat {
            start -= 1
            line[start] = Self.digit(rest & 15)
            rest >>= 4
        } while rest > 0
        let head = line.span.extracting(start..<18)
        set(copying: head, at: readerIndex - head.count)
        moveReaderIndex(to: readerIndex - head.count)
    }

    private static func digit(_ value: UInt64) -> UInt8 {
        UInt8(truncatingIfNeeded: value) &+ (value < 10 ? UInt8(ascii: "0") : UInt8(ascii: "a") &- 10)
    }
}
