import NIOCore
import NIOPosix
import Testing

@testable import PolluxTransport

@Suite("Sending at the end of a turn")
struct FlushBatchTests {
    /// Counts how it is sent for.
    private final class Writer: Flushable {
        let takesAll: Bool
        var sentAtOnce = 0
        var flushed = 0

        init(takesAll: Bool = true) { self.takesAll = takesAll }

        func sendAtOnce() -> Bool {
            sentAtOnce += 1
            return takesAll
        }

        func flushNow() { flushed += 1 }
    }

    /// How often a writer was sent for at once, by the end of the turn in which it wrote, and after that turn.
    private static func sent(running: Int, takesAll: Bool = true) async throws -> [Int] {
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let (writer, atOnce, inTurn) = try await loop.submit {
            let batch = FlushBatch(loop: loop)
            batch.running = running
            let writer = Writer(takesAll: takesAll)
            batch.add(writer)
            return (NIOLoopBound(writer, eventLoop: loop), writer.sentAtOnce, writer.flushed)
        }.get()
        return [atOnce, inTurn, try await loop.submit { writer.value.flushed }.get()]
    }

    @Test("One request's bytes leave at once", arguments: [0, 1])
    func alone(running: Int) async throws { #expect(try await Self.sent(running: running) == [1, 0, 0]) }

    @Test("Where several requests are under way, bytes leave when the turn ends")
    func several() async throws { #expect(try await Self.sent(running: 2) == [0, 0, 1]) }

    @Test("What does not leave at once leaves when the turn ends")
    func rest() async throws { #expect(try await Self.sent(running: 1, takesAll: false) == [1, 0, 1]) }
}
