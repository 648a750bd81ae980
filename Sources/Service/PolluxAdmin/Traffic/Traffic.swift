public import PolluxObservation
internal import Synchronization

/// What went on in the last quarter of an hour, for the page: sums by time, model, key and backend.
///
/// Every event loop adds up its own requests (``LoopTraffic``), and some times a second its sums are added here.
///
/// - Limits: `slots` of `slotSeconds`; in each, `maximumCells` kinds of requests are told apart.
public final class Traffic: Sendable {
    static let slotSeconds = 5
    static let slots = 180
    static let maximumCells = 200
    /// Seconds that sums may come behind others; more are those of a clock that was set back.
    private static let lateness = 60

    /// What is told apart.
    struct Kind: Hashable, Sendable {
        var model: String
        var client: String
        var backend: String

        static let other = Kind(model: LoopMetrics.other, client: LoopMetrics.other, backend: LoopMetrics.other)
    }

    /// The sums of some seconds, by kind.
    struct Slot: Sendable {
        /// Unix seconds of its beginning.
        var start: Int
        private(set) var cells: [(kind: Kind, cell: TrafficCell)] = []
        private var places: [Kind: Int] = [:]
        /// Where the last request was counted: the next one is most often of its kind.
        private var last = 0

        init(start: Int) { self.start = start }

        mutating func count(_ record: RequestRecord) {
            if last >= cells.count || !cells[last].kind.includes(record) {
                last = place(of: Kind(model: record.model, client: record.client, backend: record.backend))
            }
            cells[last].cell.add(record)
        }

        mutating func add(_ other: Slot) {
            for (kind, cell) in other.cells { cells[place(of: kind)].cell.add(cell) }
        }

        /// When there are too many kinds, the place of all others.
        private mutating func place(of kind: Kind) -> Int {
            if let place = places[kind] { return place }
            guard cells.count < Traffic.maximumCells || kind == .other else { return place(of: .other) }
            places[kind] = cells.count
            cells.append((kind, TrafficCell()))
            return cells.count - 1
        }
    }

    /// Oldest first, without those in which nothing happened.
    private let history = Mutex<[Slot]>([])

    public init() {}

    /// For event loops, one each.
    public var sink: @Sendable () -> any RecordSink { { LoopTraffic(self) } }

    /// The slots that begin within the last `seconds`.
    func slots(since seconds: Int, now: Int) -> [Slot] {
        let history = history.withLock { $0 }
        return history.filter { $0.start > now - seconds - Self.slotSeconds && $0.start <= now }
    }

    fileprivate func add(_ slot: Slot) {
        history.withLock { history in
            // The clock was set back: what it called times to come is told no more.
            while let last = history.last, last.start - slot.start > Self.lateness { history.removeLast() }
            // Event loops hand over one after another: a little late is as good as now.
            if let last = history.indices.last, history[last].start >= slot.start { return history[last].add(slot) }
            if history.count >= Self.slots { history.removeFirst() }
            history.append(slot)
        }
    }
}

/// What one event loop has added up since it handed over its sums.
private final class LoopTraffic: RecordSink {
    private let traffic: Traffic
    private var slot = Traffic.Slot(start: 0)

    init(_ traffic: Traffic) { self.traffic = traffic }

    func append(_ record: RequestRecord) {
        guard record.operation != .health else { return }
        // Taken out while it is changed: so it is not held open, and needs no check of that.
        var slot = Traffic.Slot(start: 0)
        swap(&slot, &self.slot)
        defer { swap(&slot, &self.slot) }
        let seconds = record.endedAt / 1_000_000_000
        if seconds < slot.start || seconds >= slot.start + Traffic.slotSeconds {
            handOver(slot)
            slot = Traffic.Slot(start: seconds / Traffic.slotSeconds * Traffic.slotSeconds)
        }
        slot.count(record)
    }

    func flush() {
        handOver(slot)
        slot = Traffic.Slot(start: slot.start)
    }

    private func handOver(_ slot: Traffic.Slot) {
        if !slot.cells.isEmpty { traffic.add(slot) }
    }
}

extension Traffic.Kind {
    fileprivate func includes(_ record: RequestRecord) -> Bool {
        model == record.model && client == record.client && backend == record.backend
    }
}
