internal import PolluxObservation
internal import Synchronization

/// Records of traced requests on their way from event loops to the collector.
///
/// - Limit: `maximum` wait; what comes beyond is dropped and counted.
final class TraceQueue: Sendable {
    private struct State {
        var records: [RequestRecord] = []
        var dropped = 0
    }

    private let maximum: Int
    private let state = Mutex(State())

    init(maximum: Int) { self.maximum = maximum }

    func append(_ records: [RequestRecord]) {
        state.withLock { state in
            let kept = min(records.count, maximum - state.records.count)
            state.records += records.prefix(kept)
            state.dropped += records.count - kept
        }
    }

    /// Gives all that wait, oldest first, and how many were dropped since this was asked last.
    func takeAll() -> (records: [RequestRecord], dropped: Int) {
        state.withLock { state in
            var taken = State()
            swap(&taken, &state)
            return (taken.records, taken.dropped)
        }
    }

    /// For one event loop.
    func sink() -> RecordSink {
        var traced: [RequestRecord] = []
        func flush() {
            guard !traced.isEmpty else { return }
            append(traced)
            traced = []
        }
        return RecordSink(
            append: { record in
                guard record.trace != nil else { return }
                traced.append(record)
                if traced.count >= Self.batch { flush() }
            }, flush: flush
        )
    }

    /// Records that an event loop gathers.
    private static let batch = 64
}
