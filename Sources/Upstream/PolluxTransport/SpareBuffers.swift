public import NIOCore

/// Memory of short bodies, on their way in and out: used again when a request is over, or an answer is sent.
///
/// A buffer that is given back while somebody still holds it, such as a connection that has it to send, is no danger:
/// whoever takes it then gets new memory in its place, as with every buffer that is shared.
/// - Limit: ``maximumCount`` buffers of ``maximumBytes`` bytes.
public final class SpareBuffers {
    static let maximumCount = 64
    static let maximumBytes = 16 * 1024

    private var free: [ByteBuffer] = []

    public init() {}

    /// An empty buffer with room for so many bytes.
    public func take(_ capacity: Int) -> ByteBuffer {
        guard capacity <= Self.maximumBytes, var buffer = takeLast() else {
            var buffer = ByteBuffer()
            buffer.reserveCapacity(capacity)
            return buffer
        }
        if buffer.capacity >= capacity { buffer.clear() } else { buffer.clear(minimumCapacity: capacity) }
        return buffer
    }

    /// A copy of these bytes.
    public func copy(of bytes: Span<UInt8>) -> ByteBuffer {
        var buffer = take(bytes.count)
        buffer.write(copying: bytes)
        return buffer
    }

    /// - Parameter buffer: a whole one: a slice would hold memory that is not counted here.
    public func giveBack(_ buffer: ByteBuffer) {
        guard free.count < Self.maximumCount, (1...Self.maximumBytes).contains(buffer.capacity) else { return }
        var list: [ByteBuffer] = []
        swap(&list, &free)
        list.append(buffer)
        swap(&list, &free)
    }

    /// The list is taken out while it is changed, here and above: so it is not held open, and needs no check of that.
    private func takeLast() -> ByteBuffer? {
        var list: [ByteBuffer] = []
        swap(&list, &free)
        let last = list.popLast()
        swap(&list, &free)
        return last
    }
}
