import Synchronization

/// Rows on their way to the store. Event loops put them in, one writer takes them out.
///
/// - Limit: ``maximum`` rows wait, those that the writer has in hand among them; what comes beyond is counted and
///   dropped.
public final class UsageQueue: Sendable {
    private struct State {
        var batches: [[UsageRow]] = []
        /// Rows that wait, those that the writer took among them.
        var count = 0
        var dropped = 0
    }

    public let maximum: Int
    private let state = Mutex(State())

    public init(maximum: Int) { self.maximum = maximum }

    /// Takes rows; never waits for the store.
    public func append(_ rows: [UsageRow]) {
        state.withLock { state in
            let kept = min(rows.count, maximum - state.count)
            if kept > 0 { state.batches.append(kept == rows.count ? rows : Array(rows.prefix(kept))) }
            state.count += kept
            state.dropped += rows.count - kept
        }
    }

    /// Gives all rows, oldest first. They count as waiting until ``didWrite(_:)``.
    func takeAll() -> [[UsageRow]] {
        state.withLock { state in
            var taken: [[UsageRow]] = []
            swap(&taken, &state.batches)
            return taken
        }
    }

    func didWrite(_ count: Int) { state.withLock { $0.count -= count } }

    public var pending: Int { state.withLock { $0.count } }
    public var dropped: Int { state.withLock { $0.dropped } }
}
