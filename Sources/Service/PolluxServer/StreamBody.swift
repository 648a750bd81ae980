import NIOCore
import PolluxTransport

/// The body of a streamed answer: gathers what is written, and frames it as one chunk (RFC 9112 § 7.1).
///
///     1a CRLF (26 bytes) CRLF … 0 CRLF CRLF
struct StreamBody {
    /// Not for HTTP/1.0, where the connection's end is the stream's.
    var isChunked = true
    /// Bytes that were not taken yet, with room for their size before them.
    private var gathered = ByteBuffer()

    private static let end: StaticString = "\r\n"
    /// The last chunk has no bytes, and no trailers follow.
    private static let lastChunk: StaticString = "0\r\n\r\n"

    mutating func append(_ bytes: Span<UInt8>) {
        if gathered.readableBytes == 0 {
            let room = ByteBuffer.chunkHeadBytes
            gathered.reserveCapacity(
                room + bytes.count + Self.end.utf8CodeUnitCount + Self.lastChunk.utf8CodeUnitCount)
            gathered.moveWriterIndex(to: room)
            gathered.moveReaderIndex(to: room)
        }
        gathered.write(copying: bytes)
    }

    /// What was gathered, framed; `nil` when there is nothing to send.
    mutating func take(isLast: Bool) -> ByteBuffer? {
        var bytes = ByteBuffer()
        swap(&bytes, &gathered)
        if isChunked {
            if bytes.readableBytes > 0 {
                bytes.prependChunkSize()
                bytes.writeStaticString(Self.end)
            }
            if isLast { bytes.writeStaticString(Self.lastChunk) }
        }
        return bytes.readableBytes > 0 ? bytes : nil
    }
}
