import NIOCore

/// The memory of large bodies, kept for the next one: the system takes long to give what it got back.
///
/// - Limit: one block of at most `maximumBytes`, for a few ticks of the loop without use.
struct BodyMemory {
    /// Smaller ones are had at once.
    private static let minimumBytes = 128 * 1024
    private static let maximumBytes = 32 * 1024 * 1024
    private static let maximumAge = 10

    private var spare: ByteBuffer?
    private var age = 0

    /// An empty buffer with room for so many bytes.
    mutating func take(_ count: Int) -> ByteBuffer {
        if count >= Self.minimumBytes, var buffer = spare, buffer.capacity >= count {
            spare = nil
            buffer.clear()  // Takes new memory when some of the old one is still being sent.
            return buffer
        }
        var buffer = ByteBuffer()
        buffer.reserveCapacity(count)
        return buffer
    }

    /// A body of which nothing is needed any more.
    mutating func giveBack(_ buffer: ByteBuffer) {
        guard (Self.minimumBytes...Self.maximumBytes).contains(buffer.capacity) else { return }
        if let spare, spare.capacity > buffer.capacity { return }
        spare = buffer
        age = 0
    }

    /// A tick of the loop has passed.
    mutating func tick() {
        guard spare != nil else { return }
        age += 1
        if age > Self.maximumAge { spare = nil }
    }
}
