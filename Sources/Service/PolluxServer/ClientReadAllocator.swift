import NIOCore

/// Lets a client's connection read where its handler says; see `ReadAllocator` in PolluxTransport for how NIO asks.
struct ClientReadAllocator: RecvByteBufferAllocator {
    let handler: NIOLoopBound<ClientHandler>

    func buffer(allocator: ByteBufferAllocator) -> ByteBuffer { handler.value.bufferToRead() }

    mutating func record(actualReadBytes: Int) -> Bool { true }
}
