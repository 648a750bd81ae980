internal import Synchronization

/// What the process remembers of one place: shared by event loops, kept when the configuration is replaced.
public final class PlaceHealth: Sendable {
    /// What happened there so far.
    public struct Counts: Sendable, Equatable {
        public var requests = 0
        /// Answered 429.
        public var throttled = 0
        /// Other refusals and failures.
        public var failed = 0
        /// Times that it began to rest, and requests that were to find out whether it is well again.
        public var rests = 0
        public var probes = 0
        /// Requests that went on to another place.
        public var spilled = 0
        /// Second requests sent here, and those of them that were first.
        public var hedges = 0
        public var hedgesWon = 0
    }

    /// One of ``Counts``.
    public enum Event: Sendable {
        case request, throttled, failed, rest, probe, spilled, hedge, hedgeWon
    }

    private let state = Atomic<UInt64>(0)
    private let requests = Atomic<Int>(0)
    private let throttled = Atomic<Int>(0)
    private let failed = Atomic<Int>(0)
    private let rests = Atomic<Int>(0)
    private let probes = Atomic<Int>(0)
    private let spilled = Atomic<Int>(0)
    private let hedges = Atomic<Int>(0)
    private let hedgesWon = Atomic<Int>(0)
    /// In milliseconds; 0 means unknown.
    private let knownStreamP95 = Atomic<Int>(0)

    public init() {}

    public var current: PlaceState { PlaceState(word: state.load(ordering: .relaxed)) }

    /// See ``PlaceState/admit(at:)``; of several loops one gets the probe.
    public func admit(at now: Int) -> PlaceState.Ticket? {
        let ticket = update { $0.admit(at: now) }
        if ticket == .probe { count(.probe) }
        return ticket
    }

    public func report(_ outcome: PlaceState.Outcome, of ticket: PlaceState.Ticket, at now: Int) {
        let beganToRest = update { state in
            let before = state.condition
            state.report(outcome, of: ticket, at: now)
            return before != .resting && state.condition == .resting
        }
        if beganToRest, outcome != .abandoned { count(.rest) }
    }

    private func update<Result>(_ change: (inout PlaceState) -> Result) -> Result {
        while true {
            let word = state.load(ordering: .relaxed)
            var next = PlaceState(word: word)
            let result = change(&next)
            if next.word == word { return result }
            if state.compareExchange(expected: word, desired: next.word, ordering: .relaxed).exchanged {
                return result
            }
        }
    }

    /// The 95th percentile to the first byte of a stream, in milliseconds, as the loop sees it that measured last.
    public var streamP95: Int? {
        let known = knownStreamP95.load(ordering: .relaxed)
        return known > 0 ? known : nil
    }

    public func publish(streamP95: Int) { knownStreamP95.store(streamP95, ordering: .relaxed) }

    public func count(_ event: Event) {
        switch event {
        case .request: requests.add(1, ordering: .relaxed)
        case .throttled: throttled.add(1, ordering: .relaxed)
        case .failed: failed.add(1, ordering: .relaxed)
        case .rest: rests.add(1, ordering: .relaxed)
        case .probe: probes.add(1, ordering: .relaxed)
        case .spilled: spilled.add(1, ordering: .relaxed)
        case .hedge: hedges.add(1, ordering: .relaxed)
        case .hedgeWon: hedgesWon.add(1, ordering: .relaxed)
        }
    }

    public var counts: Counts {
        Counts(
            requests: requests.load(ordering: .relaxed), throttled: throttled.load(ordering: .relaxed),
            failed: failed.load(ordering: .relaxed), rests: rests.load(ordering: .relaxed),
            probes: probes.load(ordering: .relaxed), spilled: spilled.load(ordering: .relaxed),
            hedges: hedges.load(ordering: .relaxed), hedgesWon: hedgesWon.load(ordering: .relaxed)
        )
    }
}
