import Synchronization

/// Rows on their way to the store. Event loops put them in, one writer takes them out.
///
/// - Limit: ``maximum`` rows wait; what comes beyond is counted and dropped.
public final class UsageQueue: Sendable {
    private struct State {
        var rows: [UsageRow] = []
        var dropped = 0
    }

    public let maximum: Int
    private let state = Mutex(State())

    public init(maximum: Int) { self.maximum = maximum }

    /// Takes rows; never waits for the store.
    public func append(_ rows: [UsageRow]) {
        state.withLock { state in
            let fitting = min(rows.count, max(0, maximum - state.rows.count))
            state.rows += rows.prefix(fitting)
            state.dropped += rows.count - fitting
        }
    }

    /// The oldest rows; they stay until they are ``remove(_:)``d.
    func first(_ count: Int) -> [UsageRow] { state.withLock { Array($0.rows.prefix(count)) } }

    func remove(_ count: Int) { state.withLock { $0.rows.removeFirst(min(count, $0.rows.count)) } }

    public var pending: Int { state.withLock { $0.rows.count } }
    public var dropped: Int { state.withLock { $0.dropped } }
}
