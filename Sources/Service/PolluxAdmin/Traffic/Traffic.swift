public import PolluxObservation

/// What went on in the last quarter of an hour, for the page: sums by time, model, key and backend, and the last
/// requests one by one.
///
/// Event loops put records into a queue; they are added up when somebody looks, or once a second.
///
/// - Limits: `slots` of `slotSeconds`; in each, `maximumCells` kinds of requests are told apart; `maximumRecent`
///   requests are kept whole; the queue holds `maximumWaiting`.
public actor Traffic {
    static let slotSeconds = 5
    static let slots = 180
    static let maximumCells = 200
    private static let maximumWaiting = 16384

    /// What is told apart.
    struct Kind: Hashable, Sendable {
        var model: String
        var client: String
        var backend: String
    }

    struct Slot: Sendable {
        /// Unix seconds of its beginning.
        var start: Int
        var cells: [Kind: TrafficCell] = [:]
    }

    private let queue = RecordQueue(maximumRecords: Traffic.maximumWaiting)
    private let maximumRecent: Int
    /// Oldest first, without those in which nothing happened.
    private var history: [Slot] = []
    private var ring: [RequestRecord] = []
    /// Where the next record goes when the ring is full: on the oldest.
    private var oldest = 0

    public init(maximumRecent: Int) { self.maximumRecent = maximumRecent }

    /// For event loops.
    public nonisolated var sink: RecordSink {
        let queue = self.queue
        return { queue.append($0) }
    }

    /// Records that came faster than they were added up.
    public nonisolated var dropped: Int { queue.dropped }

    /// Adds up once a second, until the task is cancelled.
    public func run() async {
        while !Task.isCancelled {
            addUp()
            // Cancelled while waiting: then the wait is over.
            try? await Task.sleep(for: .seconds(1))
        }
    }

    /// The last requests, the last one first.
    func recent(_ limit: Int) -> [RequestRecord] {
        addUp()
        // Event loops hand over one after another.
        return Array(ring.sorted { $0.endedAt > $1.endedAt }.prefix(limit))
    }

    /// The slots that begin within the last `seconds`.
    func slots(since seconds: Int, now: Int) -> [Slot] {
        addUp()
        return history.filter { $0.start > now - seconds - Self.slotSeconds && $0.start <= now }
    }

    // MARK: Adding up

    private func addUp() {
        for record in queue.takeAll() where record.operation != .health {
            remember(record)
            count(record)
        }
    }

    private func remember(_ record: RequestRecord) {
        guard maximumRecent > 0 else { return }
        if ring.count < maximumRecent { return ring.append(record) }
        ring[oldest] = record
        oldest = (oldest + 1) % maximumRecent
    }

    private func count(_ record: RequestRecord) {
        let start = record.endedAt / 1_000_000_000 / Self.slotSeconds * Self.slotSeconds
        let place: Int
        if let last = history.indices.last, history[last].start >= start {
            place = last  // Event loops hand over one after another: a little late is as good as now.
        } else {
            if history.count >= Self.slots { history.removeFirst() }
            history.append(Slot(start: start))
            place = history.count - 1
        }
        var kind = Kind(model: record.model, client: record.client, backend: record.backend)
        if history[place].cells[kind] == nil, history[place].cells.count >= Self.maximumCells {
            kind = Kind(model: LoopMetrics.other, client: LoopMetrics.other, backend: LoopMetrics.other)
        }
        history[place].cells[kind, default: TrafficCell()].add(record)
    }
}
