public import PolluxObservation
import Synchronization

/// Rows on their way to the store. Event loops put them in, one writer takes them out.
///
/// - Limit: ``maximum`` rows wait, those that the writer has in hand among them; what comes beyond is counted and
///   dropped.
public final class UsageQueue: Sendable {
    private struct State {
        var blocks: [UsageBlock] = []
        /// Rows that wait, those that the writer took among them.
        var count = 0
        var dropped = 0
    }

    public let maximum: Int
    private let state = Mutex(State())

    public init(maximum: Int) { self.maximum = maximum }

    /// Takes what is to be remembered of records; never waits for the store.
    public func append(_ records: [RequestRecord]) { append(records.indices) { UsageRow(records[$0]) } }

    public func append(_ rows: [UsageRow]) { append(rows.indices) { rows[$0] } }

    private func append(_ places: Range<Int>, row: (Int) -> UsageRow?) {
        // Room is held while rows are written down, and what was too much of it is given back.
        let room = state.withLock { state in
            let room = min(places.count, maximum - state.count)
            state.count += room
            return room
        }
        let block = UsageBlock(places, room: room, row: row)
        state.withLock { state in
            if block.count > 0 { state.blocks.append(block) }
            state.count -= room - block.count
            state.dropped += block.left
        }
    }

    /// Gives all rows, oldest first. They count as waiting until ``didWrite(_:)``.
    func takeAll() -> [UsageBlock] {
        state.withLock { state in
            var taken: [UsageBlock] = []
            swap(&taken, &state.blocks)
            return taken
        }
    }

    func didWrite(_ count: Int) { state.withLock { $0.count -= count } }

    public var pending: Int { state.withLock { $0.count } }
    public var dropped: Int { state.withLock { $0.dropped } }
}
