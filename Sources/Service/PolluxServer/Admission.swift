import Synchronization

/// How many requests run in the whole process.
final class Admission: Sendable {
    private let running = Atomic<Int>(0)

    /// Counts one more; `false` when there are `limit` already.
    func enter(limit: Int) -> Bool {
        if running.add(1, ordering: .relaxed).newValue <= limit { return true }
        leave()
        return false
    }

    func leave() { running.subtract(1, ordering: .relaxed) }
}
