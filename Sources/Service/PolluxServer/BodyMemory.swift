import NIOCore

/// The memory of large bodies, kept for the next ones: the system takes long to give what it got back.
///
/// - Limit: `maximumBytes` in all; each block for a few ticks of the loop without use.
struct BodyMemory {
    private struct Block {
        var buffer: ByteBuffer
        /// Ticks since it was given back.
        var age = 0
    }

    /// Smaller ones are had at once.
    private static let minimumBytes = 128 * 1024
    private static let maximumBytes = 32 * 1024 * 1024
    private static let maximumAge = 10

    /// From the smallest to the largest.
    private var blocks: [Block] = []
    private var bytes = 0

    /// An empty buffer with room for so many bytes.
    mutating func take(_ count: Int) -> ByteBuffer {
        if count >= Self.minimumBytes, let place = blocks.firstIndex(where: { $0.buffer.capacity >= count }) {
            var buffer = blocks.remove(at: place).buffer
            bytes -= buffer.capacity
            buffer.clear()  // Takes new memory when some of the old one is still being sent.
            return buffer
        }
        var buffer = ByteBuffer()
        buffer.reserveCapacity(count)
        return buffer
    }

    /// A body of which nothing is needed any more.
    mutating func giveBack(_ buffer: ByteBuffer) {
        let size = buffer.capacity
        guard (Self.minimumBytes...Self.maximumBytes).contains(size) else { return }
        let place = blocks.firstIndex { $0.buffer.capacity >= size } ?? blocks.count
        blocks.insert(Block(buffer: buffer), at: place)
        bytes += size
        while bytes > Self.maximumBytes { bytes -= blocks.removeFirst().buffer.capacity }
    }

    /// A tick of the loop has passed.
    mutating func tick() {
        guard !blocks.isEmpty else { return }
        for index in blocks.indices { blocks[index].age += 1 }
        blocks.removeAll { $0.age > Self.maximumAge }
        bytes = blocks.reduce(0) { $0 + $1.buffer.capacity }
    }
}
