import NIOCore

/// What a client has sent ahead while its request is answered.
struct BytesAhead {
    /// Beyond these the client is read no more.
    private static let maximumParts = 256
    private static let maximumBytes = 256 * 1024

    private var parts: [ByteBuffer] = []
    private var bytes = 0

    var isEmpty: Bool { parts.isEmpty }
    var isFull: Bool { parts.count > Self.maximumParts || bytes > Self.maximumBytes }

    /// Appends a copy: what waits must not hold the memory that others read into.
    mutating func append(_ new: ByteBuffer) {
        parts.append(ByteBuffer(copying: new.readableBytesUInt8Span))
        bytes += new.readableBytes
    }

    /// - Precondition: it is not empty.
    mutating func popFirst() -> ByteBuffer {
        let first = parts.removeFirst()
        bytes -= first.readableBytes
        return first
    }

    /// Puts the rest of the first part back.
    mutating func prepend(_ rest: ByteBuffer) {
        parts.insert(rest, at: 0)
        bytes += rest.readableBytes
    }
}
