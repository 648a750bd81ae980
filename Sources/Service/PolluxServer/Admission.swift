import Synchronization

/// How many requests run in the whole process, and how many connections are open to clients.
final class Admission: Sendable {
    private let running = Atomic<Int>(0)
    private let open = Atomic<Int>(0)

    /// Counts one more; `false` when there are `limit` already.
    func enter(limit: Int) -> Bool {
        if running.add(1, ordering: .relaxed).newValue <= limit { return true }
        leave()
        return false
    }

    /// Counts one more connection; gives their number with it.
    func connect() -> Int { open.add(1, ordering: .relaxed).newValue }

    func disconnect() { open.subtract(1, ordering: .relaxed) }

    func leave() { running.subtract(1, ordering: .relaxed) }
}
