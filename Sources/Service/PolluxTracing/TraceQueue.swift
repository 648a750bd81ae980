internal import PolluxObservation
internal import Synchronization

/// Records of traced requests on their way from event loops to the collector, and what became of them.
///
/// - Limit: `maximum` wait; what comes beyond is dropped and counted.
final class TraceQueue: Sendable {
    private struct State {
        var records: [RequestRecord] = []
        var dropped = 0
        var counts = TraceCounts()
        /// Why traces are lost of late, and how many were since that began.
        var trouble: (reason: String, lost: Int)?
    }

    /// What an operator should be told.
    enum News: Equatable {
        /// Traces are lost from now on, for this reason.
        case losing(String)
        /// All are taken again; so many were lost.
        case recovered(lost: Int)
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
            let taken = (state.records, state.dropped)
            (state.records, state.dropped) = ([], 0)
            return taken
        }
    }

    /// Counts what became of records that were taken.
    ///
    /// - Parameter reason: why some were lost; `nil`: none was.
    /// - Returns: what is another thing than before.
    func settle(exported: Int, lost: Int, reason: String?) -> News? {
        state.withLock { state in
            state.counts.exported += exported
            state.counts.lost += lost
            let before = state.trouble
            state.trouble = reason.map { ($0, (before?.lost ?? 0) + lost) }
            if let reason { return reason == before?.reason ? nil : .losing(reason) }
            return before.map { .recovered(lost: $0.lost) }
        }
    }

    var counts: TraceCounts { state.withLock { $0.counts } }

    /// For one event loop.
    func sink() -> any RecordSink { LoopTraces(self) }
}

/// The traced requests of one event loop, until it hands them over.
private final class LoopTraces: RecordSink {
    private let queue: TraceQueue
    private var traced: [RequestRecord] = []

    /// Records that are gathered.
    private static let batch = 64

    init(_ queue: TraceQueue) { self.queue = queue }

    func append(_ record: RequestRecord) {
        guard record.trace != nil else { return }
        traced.append(record)
        if traced.count >= Self.batch { flush() }
    }

    func flush() {
        guard !traced.isEmpty else { return }
        queue.append(traced)
        traced = []
    }
}

/// Traced requests since the start.
public struct TraceCounts: Sendable {
    /// Those that the collector took.
    public var exported = 0
    public var lost = 0
}
