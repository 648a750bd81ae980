public import NIOCore

/// The body of a request to an upstream, in pieces, so that long strings need not be copied together.
///
/// The first piece's memory has room for a head before it, so that head and body are sent as one: what is short costs
/// less than a second piece to write.
public struct UpstreamBody: Sendable, ExpressibleByArrayLiteral {
    /// Bytes of a head that fit; a longer one is a piece of its own.
    static let headroom = 512

    private var first = ByteBuffer()
    private var rest: [ByteBuffer] = []

    /// Pieces as they are, without room for a head.
    public init(arrayLiteral pieces: ByteBuffer...) {
        guard let start = pieces.first else { return }
        first = start
        rest = Array(pieces.dropFirst())
    }

    public init(copying bytes: Span<UInt8>, buffers: SpareBuffers) {
        first = buffers.take(Self.headroom + bytes.count)
        first.moveWriterIndex(to: Self.headroom)
        first.moveReaderIndex(to: Self.headroom)
        first.write(copying: bytes)
    }

    /// Gives the memory back: it is not sent again.
    public consuming func giveBack(to buffers: SpareBuffers) { buffers.giveBack(first) }

    public mutating func append(_ piece: ByteBuffer) { rest.append(piece) }

    /// The body alone, in the order in which it is written.
    public var pieces: [ByteBuffer] { [first] + rest }

    /// Whether it is one piece.
    public var isWhole: Bool { rest.isEmpty }

    public var count: Int { rest.reduce(first.readableBytes) { $0 + $1.readableBytes } }

    /// What is to be written for a whole request.
    ///
    /// The head goes into the room before the body. That leaves the body as it is; and while an earlier request is
    /// still being written, the memory is not alone, and a copy of it is made.
    mutating func pieces(behind head: Span<UInt8>) -> (ByteBuffer, [ByteBuffer]) {
        let start = first.readerIndex
        guard head.count <= start else {
            var own = ByteBuffer()
            own.reserveCapacity(head.count)
            own.write(copying: head)
            return (own, first.readableBytes > 0 ? [first] + rest : rest)
        }
        first.set(copying: head, at: start - head.count)
        var whole = first
        whole.moveReaderIndex(to: start - head.count)
        return (whole, rest)
    }
}
