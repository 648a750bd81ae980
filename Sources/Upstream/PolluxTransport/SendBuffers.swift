public import NIOCore

/// Memory for what is written to connections: used again, once it was sent.
///
/// A buffer that is given back while a connection still has it to send is no danger: whoever takes it then gets new
/// memory in its place, as with every buffer that is shared.
/// - Limit: ``maximumCount`` buffers of ``maximumBytes`` bytes.
public struct SendBuffers {
    static let maximumCount = 64
    static let maximumBytes = 16 * 1024

    private var free: [ByteBuffer] = []

    public init() {}

    /// An empty buffer with room for so many bytes.
    public mutating func take(_ capacity: Int) -> ByteBuffer {
        guard capacity <= Self.maximumBytes, var buffer = free.popLast() else {
            var buffer = ByteBuffer()
            buffer.reserveCapacity(capacity)
            return buffer
        }
        buffer.clear(minimumCapacity: capacity)
        return buffer
    }

    public mutating func giveBack(_ buffer: ByteBuffer) {
        guard free.count < Self.maximumCount, (1...Self.maximumBytes).contains(buffer.capacity) else { return }
        free.append(buffer)
    }
}
