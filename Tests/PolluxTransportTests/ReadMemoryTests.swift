import NIOCore
import NIOEmbedded
import Testing

@testable import PolluxTransport

@Suite("The memory that a loop's connections read into")
struct ReadMemoryTests {
    private let memory = ReadMemory()

    /// A block with bytes in it, as a read leaves it.
    private func read(_ text: String) -> ByteBuffer {
        var block = memory.take()
        block.writeString(text)
        return block
    }

    @Test("A block that was given back is read into again; one that somebody holds is not")
    func reuse() {
        let first = read("first")
        memory.giveBack(first)
        let second = read("second")
        #expect(String(buffer: first) == "first")
        #expect(String(buffer: second) == "second")
        #expect(second.storageCapacity >= ReadMemory.blockBytes)
    }

    @Test("Only whole blocks are taken back")
    func foreign() {
        memory.giveBack(ByteBuffer(string: "decrypted elsewhere"))
        #expect(memory.take().writableBytes >= ReadMemory.blockBytes)
    }

    @Test("The first read of a connection is small, since its buffer is kept; every other takes the block")
    func allocator() {
        var allocator = ReadAllocator(NIOLoopBound(memory, eventLoop: EmbeddedEventLoop()))
        #expect(allocator.buffer(allocator: ByteBufferAllocator()).capacity < 1024)
        #expect(allocator.nextBufferSize() == nil)
        let mayGrow = allocator.record(actualReadBytes: 1)
        #expect(mayGrow)
        #expect(allocator.buffer(allocator: ByteBufferAllocator()).capacity >= ReadMemory.blockBytes)
    }

    @Test("Small pieces of one read are joined, large ones are handed over as they are")
    func joining() throws {
        let block = read(String(repeating: "a", count: 60) + String(repeating: "b", count: 20_000))
        let small = { block.getSlice(at: block.readerIndex + 10 * $0, length: 10) ?? ByteBuffer() }
        let large = try #require(block.getSlice(at: block.readerIndex + 60, length: 20_000))
        var body = ReadBody(memory)
        for index in 0..<3 {
            #expect(body.hasRoom(for: small(index)))
            body.append(small(index))
        }
        #expect(!body.hasRoom(for: large))
        let joined = body.take()
        #expect(joined.map { String(buffer: $0) } == String(repeating: "a", count: 30))
        if let joined { body.giveBack(joined) }
        body.append(large)
        #expect(!body.hasRoom(for: small(3)))
        let (alone, rest) = (body.take(), body.take())
        #expect(alone == large)
        #expect(rest == nil)
    }

    @Test("A joined piece that its receiver keeps is not written over")
    func kept() throws {
        let block = read("onetwo")
        var kept: [ByteBuffer] = []
        for order in [[0, 3], [3, 0]] {
            var body = ReadBody(memory)
            for at in order { body.append(try #require(block.getSlice(at: block.readerIndex + at, length: 3))) }
            guard let joined = body.take() else { break }
            kept.append(joined)
            body.giveBack(joined)
        }
        #expect(kept.map { String(buffer: $0) } == ["onetwo", "twoone"])
    }
}
