public import PolluxObservation

/// What went on in the last quarter of an hour, for the page: sums by time, model, key and backend, and the last
/// requests one by one.
///
/// Event loops put records into a queue; they are added up when somebody looks, and some times a second.
///
/// - Limits: `slots` of `slotSeconds`; in each, `maximumCells` kinds of requests are told apart; `maximumRecent`
///   requests are kept whole; the queue holds `maximumWaiting`.
public actor Traffic {
    static let slotSeconds = 5
    static let slots = 180
    static let maximumCells = 200
    /// Seconds that a record may come behind others; more are those of a clock that was set back.
    private static let lateness = 60
    private static let maximumWaiting = 16384
    /// Between two times that it is added up what came: so much comes in it at most from a busy process.
    private static let rest = Duration.milliseconds(250)

    /// What is told apart.
    struct Kind: Hashable, Sendable {
        var model: String
        var client: String
        var backend: String
    }

    struct Slot: Sendable {
        /// Unix seconds of its beginning.
        var start: Int
        private(set) var cells: [(kind: Kind, cell: TrafficCell)] = []
        private var places: [Kind: Int] = [:]
        /// Where the last request was counted: the next one is most often of its kind.
        private var last = 0

        init(start: Int) { self.start = start }

        /// Counts a request with those of its kind; when there are too many kinds, with all others.
        mutating func count(_ record: RequestRecord) {
            var kind = Kind(model: record.model, client: record.client, backend: record.backend)
            if last >= cells.count || cells[last].kind != kind {
                if places[kind] == nil, cells.count >= Traffic.maximumCells {
                    kind = Kind(model: LoopMetrics.other, client: LoopMetrics.other, backend: LoopMetrics.other)
                }
                last = places[kind] ?? cells.count
                if last == cells.count {
                    cells.append((kind, TrafficCell()))
                    places[kind] = last
                }
            }
            cells[last].cell.add(record)
        }
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

    /// Adds up now and then, until the task is cancelled.
    public func run() async {
        while !Task.isCancelled {
            addUp()
            // Cancelled while waiting: then the wait is over.
            try? await Task.sleep(for: Self.rest)
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
        let batches = queue.takeAll()
        for batch in batches {
            // By place, because a record is worth not being copied.
            for place in batch.indices where batch[place].operation != .health { count(batch[place]) }
        }
        let told = batches.joined().lazy.filter { $0.operation != .health }
        for record in told.suffix(maximumRecent) { remember(record) }
    }

    private func remember(_ record: RequestRecord) {
        guard maximumRecent > 0 else { return }
        if ring.count < maximumRecent { return ring.append(record) }
        ring[oldest] = record
        oldest = (oldest + 1) % maximumRecent
    }

    private func count(_ record: RequestRecord) {
        let start = record.endedAt / 1_000_000_000 / Self.slotSeconds * Self.slotSeconds
        // The clock was set back: what it called times to come is told no more.
        while let last = history.last, last.start - start > Self.lateness { history.removeLast() }
        let place: Int
        if let last = history.indices.last, history[last].start >= start {
            place = last  // Event loops hand over one after another: a little late is as good as now.
        } else {
            if history.count >= Self.slots { history.removeFirst() }
            history.append(Slot(start: start))
            place = history.count - 1
        }
        history[place].count(record)
    }
}
