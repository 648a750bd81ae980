public import NIOCore

/// The buffers that connections read into.
public enum ReadBuffers {
    /// Small to begin with, since every open stream keeps two; they grow with what comes.
    public static var allocator: AdaptiveRecvByteBufferAllocator {
        AdaptiveRecvByteBufferAllocator(minimum: 512, initial: 1024, maximum: 65536)
    }
}
