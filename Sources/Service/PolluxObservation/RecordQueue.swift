internal import Synchronization

/// Records on their way from event loops to somebody who reads them at leisure.
///
/// - Limit: `maximumRecords` wait; what comes beyond is dropped and counted.
public final class RecordQueue: Sendable {
    private struct State {
        var batches: [[RequestRecord]] = []
        var count = 0
        var dropped = 0
    }

    private let maximumRecords: Int
    private let state = Mutex(State())

    public init(maximumRecords: Int) { self.maximumRecords = maximumRecords }

    /// Takes records on an event loop, as they are: nothing of them is copied.
    public func append(_ records: [RequestRecord]) {
        state.withLock { state in
            let kept = min(records.count, maximumRecords - state.count)
            if kept > 0 { state.batches.append(kept == records.count ? records : Array(records.prefix(kept))) }
            state.count += kept
            state.dropped += records.count - kept
        }
    }

    /// Gives all that wait, oldest first.
    public func takeAll() -> [[RequestRecord]] {
        state.withLock { state in
            var taken: [[RequestRecord]] = []
            swap(&taken, &state.batches)
            state.count = 0
            return taken
        }
    }

    /// Records that nobody took in time.
    public var dropped: Int { state.withLock { $0.dropped } }
}
