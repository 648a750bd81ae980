import NIOCore

/// What one read brings of an answer's body: its pieces in one.
///
/// An upstream sends each event in a chunk of its own. Many of them come in one read when they come fast; joined, they
/// are worth one call of the receiver instead of one each, and for what that does once for each call.
struct ReadBody {
    /// A piece that is larger costs more to copy than to hand over.
    private static let maximumPiece = 8 * 1024

    private let memory: ReadMemory
    private var bytes = ByteBuffer()
    /// Several pieces, in memory of their own.
    private var isJoined = false

    init(_ memory: ReadMemory) { self.memory = memory }

    /// Whether a piece can be added; else what there is must be taken before.
    func hasRoom(for piece: ByteBuffer) -> Bool {
        if bytes.readableBytes == 0 { return true }
        return piece.readableBytes <= Self.maximumPiece && (isJoined || bytes.readableBytes <= Self.maximumPiece)
            && bytes.readableBytes + piece.readableBytes <= ReadMemory.blockBytes
    }

    mutating func append(_ piece: ByteBuffer) {
        if bytes.readableBytes == 0 {
            bytes = piece
            return
        }
        if !isJoined {
            var joined = memory.takeForJoining()
            joined.writeImmutableBuffer(bytes)
            bytes = joined
            isJoined = true
        }
        bytes.writeImmutableBuffer(piece)
    }

    /// What was added, if anything was.
    mutating func take() -> ByteBuffer? {
        guard bytes.readableBytes > 0 else { return nil }
        var taken = ByteBuffer()
        swap(&taken, &bytes)
        return taken
    }

    /// Bytes that were taken, and used.
    mutating func giveBack(_ taken: ByteBuffer) {
        if isJoined { memory.giveBackJoined(taken) }
        isJoined = false
    }
}
