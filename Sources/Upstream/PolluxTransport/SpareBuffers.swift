public import NIOCore

/// Memory of short bodies, on their way in and out: used again when a request is over, or an answer is sent.
///
/// A buffer that is given back while somebody still holds it, such as a connection that has it to send, is no danger:
/// whoever takes it then gets new memory in its place, as with every buffer that is shared.
/// - Limit: ``maximumCount`` buffers of ``maximumBytes`` bytes.
public struct SpareBuffers {
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

    /// A copy of these bytes.
    public mutating func copy(of bytes: Span<UInt8>) -> ByteBuffer {
        var buffer = take(bytes.count)
        buffer.write(copying: bytes)
        return buffer
    }

    public mutating func giveBack(_ buffer: ByteBuffer) {
        guard free.count < Self.maximumCount, (1...Self.maximumBytes).contains(buffer.storageCapacity) else { return }
        free.append(buffer)
    }
}
