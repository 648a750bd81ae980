import NIOCore
import Synchronization

/// How many requests run in the whole process, how many wait to do so, and how many connections are open to
/// clients.
///
/// Who ends lets the next one in, on whatever loop it waits. While nobody waits, nothing here takes a lock.
final class Admission: Sendable {
    enum Entry { case admitted, waiting, refused }

    private let running = Atomic<Int>(0)
    private let waiting = Atomic<Int>(0)
    private let open = Atomic<Int>(0)
    private let lines = Mutex(Lines())

    /// The requests that wait on one loop, and the connections there that are idle.
    private struct Line {
        let loop: any EventLoop
        let admitNext: @Sendable () -> Void
        let makeRoom: @Sendable () -> Void
    }

    private struct Lines {
        var lines: [Line] = []
        var next = 0
    }

    /// - Parameters:
    ///   - admitNext: lets in who waits on this loop; called on it.
    ///   - makeRoom: closes the connection of this loop that is idle longest, if there is one; called on it.
    func join(
        _ loop: any EventLoop, admitNext: @escaping @Sendable () -> Void, makeRoom: @escaping @Sendable () -> Void
    ) {
        lines.withLock { $0.lines.append(Line(loop: loop, admitNext: admitNext, makeRoom: makeRoom)) }
    }

    /// Counts one more that runs, or, when there are `limit` already, one more that waits.
    func enter(limit: Int, queue: Int) -> Entry {
        // Nobody overtakes those that wait.
        if waiting.load(ordering: .relaxed) == 0, enter(limit: limit) { return .admitted }
        if waiting.add(1, ordering: .relaxed).newValue <= queue { return .waiting }
        stopWaiting()
        return .refused
    }

    /// One that waited runs, if there is room.
    func enterFromQueue(limit: Int) -> Bool {
        guard enter(limit: limit) else { return false }
        stopWaiting()
        return true
    }

    func stopWaiting() { waiting.subtract(1, ordering: .relaxed) }

    func leave() {
        running.subtract(1, ordering: .relaxed)
        if waiting.load(ordering: .relaxed) > 0 { wake() }
    }

    private func enter(limit: Int) -> Bool {
        if running.add(1, ordering: .relaxed).newValue <= limit { return true }
        running.subtract(1, ordering: .relaxed)
        return false
    }

    /// Counts one more connection; gives their number with it.
    func connect() -> Int { open.add(1, ordering: .relaxed).newValue }

    /// Asks the other loops to close an idle connection each.
    func askForRoom(besides loop: any EventLoop) {
        for line in lines.withLock({ $0.lines }) where line.loop !== loop { line.loop.execute(line.makeRoom) }
    }

    func disconnect() { open.subtract(1, ordering: .relaxed) }

    /// Asks all loops, a different one first each time. One that finds no room asks again at its next tick.
    private func wake() {
        let lines = lines.withLock { lines in
            lines.next = (lines.next + 1) % max(1, lines.lines.count)
            return lines.lines[lines.next...] + lines.lines[..<lines.next]
        }
        for line in lines { line.loop.execute(line.admitNext) }
    }
}
