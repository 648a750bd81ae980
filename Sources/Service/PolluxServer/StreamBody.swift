import NIOCore
import PolluxTransport

/// The body of a streamed answer: gathers what is written, and frames it as one chunk (RFC 9112 § 7.1). The answer's head
/// goes before the first of them, in one piece.
///
///     HTTP/1.1 200 OK … 1a CRLF (26 bytes) CRLF … 0 CRLF CRLF
struct StreamBody {
    /// Not for HTTP/1.0, where the connection's end is the stream's.
    let isChunked: Bool
    /// Bytes that were not taken yet, with room for their size before them.
    private var gathered: ByteBuffer?
    private let buffers: SpareBuffers
    /// The answer's head, until it was taken.
    private var head: ByteBuffer?

    init(behind head: ByteBuffer, isChunked: Bool, buffers: SpareBuffers) {
        self.head = head
        self.isChunked = isChunked
        self.buffers = buffers
    }

    private static let end: StaticString = "\r\n"
    /// The last chunk has no bytes, and no trailers follow.
    private static let lastChunk: StaticString = "0\r\n\r\n"

    mutating func append(_ bytes: Span<UInt8>) {
        if bytes.isEmpty { return }  // A chunk without bytes would be the last one.
        var whole = gathered.take() ?? emptied(for: bytes.count)
        whole.write(copying: bytes)
        gathered = whole
    }

    private func emptied(for count: Int) -> ByteBuffer {
        let room = ByteBuffer.chunkHeadBytes
        var buffer = buffers.take(room + count + Self.end.utf8CodeUnitCount + Self.lastChunk.utf8CodeUnitCount)
        buffer.moveWriterIndex(to: room)
        buffer.moveReaderIndex(to: room)
        return buffer
    }

    /// What was gathered, framed; `nil` when there is nothing to send. To be given back to the buffers when it is sent.
    mutating func take(isLast: Bool) -> ByteBuffer? {
        let chunk = takeChunk(isLast: isLast)
        guard let head = head.take() else { return chunk }
        guard let chunk else { return head }
        var whole = buffers.take(head.readableBytes + chunk.readableBytes)
        whole.writeImmutableBuffer(head)
        whole.writeImmutableBuffer(chunk)
        buffers.giveBack(chunk)
        return whole
    }

    private mutating func takeChunk(isLast: Bool) -> ByteBuffer? {
        guard var bytes = gathered.take() else {
            return isLast && isChunked ? ByteBuffer(staticString: Self.lastChunk) : nil
        }
        if isChunked {
            bytes.prependChunkSize()
            bytes.writeStaticString(Self.end)
            if isLast { bytes.writeStaticString(Self.lastChunk) }
        }
        return bytes
    }
}
