public import NIOCore

/// The memory that the connections of one event loop read into, one after the other.
///
/// NIO gives every connection buffers of its own, which it keeps while nothing comes: two for each open stream. Here
/// all reads of a loop take the same block, which stays in the processor's cache and is large enough for what has come
/// meanwhile.
///
///     take()  ──▶  the connection reads  ──▶  its handler uses the bytes  ──▶  giveBack(_:)
///
/// Whoever wants to keep bytes beyond the read copies them: a slice would hold the whole block. A block that is still
/// held by somebody is not read into again; another one takes its place.
public final class ReadMemory {
    /// What one read brings at most.
    public static let blockBytes = 64 * 1024

    /// For ``ReadAllocator``.
    private var spare: ByteBuffer?
    /// In it the pieces of one read are put together.
    private var joined: ByteBuffer?

    /// An empty block to read into.
    public func take() -> ByteBuffer {
        var block = spare.take()
        return Self.emptied(&block)
    }

    /// The block that was read into, of which nothing is needed any more.
    public func giveBack(_ block: ByteBuffer) {
        if Self.isWhole(block) { spare = block }
    }

    /// An empty block to put pieces together in.
    func takeForJoining() -> ByteBuffer {
        var block = joined.take()
        return Self.emptied(&block)
    }

    func giveBackJoined(_ block: ByteBuffer) {
        if Self.isWhole(block) { joined = block }
    }

    private static func emptied(_ block: inout ByteBuffer?) -> ByteBuffer {
        guard var block = block.take() else { return ByteBufferAllocator().buffer(capacity: blockBytes) }
        block.clear()  // Takes new memory when somebody still holds the old one.
        return block
    }

    /// Neither a piece of a block nor a connection's first buffer.
    private static func isWhole(_ block: ByteBuffer) -> Bool { block.capacity >= blockBytes }
}

/// Lets a connection read into its loop's ``ReadMemory``.
///
/// NIO keeps the first buffer that a connection reads into for good, so that one is small. For every further read it asks
/// anew, as long as one read is made at a time (`maxMessagesPerRead`) and the next buffer may be larger.
public struct ReadAllocator: RecvByteBufferAllocator {
    public static let firstBytes = 128

    private let memory: NIOLoopBound<ReadMemory>
    private var isFirst = true

    init(_ memory: NIOLoopBound<ReadMemory>) { self.memory = memory }

    public func buffer(allocator: ByteBufferAllocator) -> ByteBuffer {
        isFirst ? allocator.buffer(capacity: Self.firstBytes) : memory.value.take()
    }

    public mutating func record(actualReadBytes: Int) -> Bool {
        isFirst = false
        return true
    }
}
