import NIOCore
import Testing

@testable import PolluxTransport

@Suite("The way out of a connection")
struct ConnectionWriterTests {
    /// Bytes of which no two neighbouring pieces look alike.
    private static func bytes(_ range: Range<Int>) -> [UInt8] { range.map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) } }

    @Test("What the system takes at once is sent, and nothing waits", arguments: [true, false])
    func atOnce(isDirect: Bool) async throws {
        let pair = try SocketPair()
        let connection = try await WrittenConnection(pair, isDirect: isDirect)
        let wasSent = try await connection.use { writer in
            writer.write(ByteBuffer(string: "one"))
            let waits = !writer.isSent
            writer.flush()
            return waits && writer.isSent
        }
        #expect(wasSent)
        #expect(pair.read(3) == Array("one".utf8))
        try await connection.channel.close()
        pair.closeFar()
    }

    @Test("To a peer that reads slowly all bytes go in their order, in one piece and in many", arguments: [1, 2, 3])
    func order(pieces: Int) async throws {
        let pair = try SocketPair()
        let connection = try await WrittenConnection(pair)
        let (count, size) = (100, 20_000)
        let (early, wasSent) = try await connection.use { writer in
            var early: [UInt8] = []
            for turn in 0..<count {
                let all = Self.bytes(turn * size..<(turn + 1) * size)
                for piece in 0..<pieces {
                    writer.write(ByteBuffer(bytes: all[piece * size / pieces..<(piece + 1) * size / pieces]))
                }
                writer.flush()
                // Makes room in the socket while others wait in the queue.
                if !writer.isSent { early += pair.read(size / 4, waits: false) }
            }
            return (early, writer.isSent)
        }
        #expect(!wasSent, "more than the system takes")
        #expect(connection.channel.isWritable == false, "STREAM-010: the exchange hears of it")
        #expect(early + pair.read(count * size - early.count) == Self.bytes(0..<count * size))
        try await connection.channel.eventLoop.submit {}.get()
        try await connection.use { $0.write(ByteBuffer(string: "end")) }
        try await connection.use { $0.flush() }
        #expect(pair.read(3) == Array("end".utf8))
        try await connection.channel.close()
        pair.closeFar()
    }

    @Test("At once goes what the system takes; the rest waits for the flush, and nobody is told")
    func sentAtOnce() async throws {
        let pair = try SocketPair()
        let connection = try await WrittenConnection(pair)
        let size = 2_000_000
        let (small, large, isWritable, taken) = try await connection.use { writer in
            writer.write(ByteBuffer(string: "one"))
            let small = writer.sendAtOnce()
            let taken = pair.read(3, waits: false)
            writer.write(ByteBuffer(bytes: Self.bytes(0..<size)))
            return (small, writer.sendAtOnce(), connection.channel.isWritable, taken)
        }
        #expect(small)
        #expect(taken == Array("one".utf8), "before the loop's turn ends")
        #expect(!large)
        #expect(isWritable, "NIO has nothing of it yet")
        try await connection.use { $0.flush() }
        #expect(pair.read(size) == Self.bytes(0..<size))
        try await connection.channel.close()
        pair.closeFar()
    }

    @Test(
        "At once nothing is sent where NIO has bytes that go before, or must see all bytes", arguments: [true, false])
    func notAtOnce(isDirect: Bool) async throws {
        let pair = try SocketPair()
        let connection = try await WrittenConnection(pair, isDirect: isDirect)
        let (wasSent, early) = try await connection.use { writer in
            writer.write(ByteBuffer(string: "one"))
            if isDirect { writer.write(ByteBuffer(string: "two")) }
            return (writer.sendAtOnce(), pair.read(1, waits: false))
        }
        #expect(!wasSent)
        #expect(early.isEmpty)
        try await connection.use { $0.flush() }
        #expect(pair.read(isDirect ? 6 : 3) == Array((isDirect ? "onetwo" : "one").utf8))
        try await connection.channel.close()
        pair.closeFar()
    }

    @Test("Of a peer that is gone the connection hears at the flush, not at once")
    func goneAtOnce() async throws {
        let pair = try SocketPair()
        let connection = try await WrittenConnection(pair)
        let (wasSent, isActive) = try await connection.use { writer in
            pair.closeFar()
            writer.write(ByteBuffer(string: "to nobody"))
            return (writer.sendAtOnce(), connection.channel.isActive)
        }
        #expect(!wasSent)
        #expect(isActive)
        try await connection.use { $0.flush() }
        try await connection.channel.closeFuture.get()
    }

    @Test("What is written and not flushed counts as what waits, so that its maker hears of it (STREAM-010)")
    func unflushed() async throws {
        let pair = try SocketPair()
        let connection = try await WrittenConnection(pair)
        let size = 30_000
        try await connection.use { writer in
            for turn in 0..<10 { writer.write(ByteBuffer(bytes: Self.bytes(turn * size..<(turn + 1) * size))) }
        }
        #expect(!connection.channel.isWritable)
        try await connection.use { $0.flush() }
        #expect(pair.read(10 * size) == Self.bytes(0..<10 * size))
        try await connection.channel.close()
        pair.closeFar()
    }

    @Test("A connection that is to close closes when all is sent", arguments: [3, 2_000_000])
    func closing(count: Int) async throws {
        let pair = try SocketPair()
        let connection = try await WrittenConnection(pair)
        try await connection.use { writer in
            writer.write(ByteBuffer(bytes: Self.bytes(0..<count)))
            writer.close()
        }
        #expect(pair.read(count + 1) == Self.bytes(0..<count))
        try await connection.channel.closeFuture.get()
        pair.closeFar()
    }

    @Test("To a peer that is gone nothing is sent, and the connection ends")
    func gone() async throws {
        let pair = try SocketPair()
        let connection = try await WrittenConnection(pair)
        pair.closeFar()
        try await connection.use { writer in
            for _ in 0..<3 {
                writer.write(ByteBuffer(string: "to nobody"))
                writer.flush()
            }
        }
        try await connection.channel.closeFuture.get()
        let isSent = try await connection.use { writer in
            writer.write(ByteBuffer(string: "later"))
            writer.flush()
            return writer.isSent
        }
        #expect(isSent)
    }

    @Test("What was not sent when its connection closed reaches nobody who has got its descriptor since")
    func reusedDescriptor() async throws {
        for _ in 0..<100 {
            let pair = try SocketPair()
            let connection = try await WrittenConnection(pair)
            try await connection.use { $0.write(ByteBuffer(string: "not for you")) }
            try await connection.channel.close()
            let other = try SocketPair()
            defer {
                other.closeNear()
                other.closeFar()
                pair.closeFar()
            }
            try await connection.use { $0.flush() }
            #expect(other.read(1, waits: false).isEmpty)
            if other.near == pair.near { return }
        }
        Issue.record("No descriptor was used again.")
    }
}
