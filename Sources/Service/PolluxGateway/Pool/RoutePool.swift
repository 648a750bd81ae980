/// The routes of one model, and how well each place is: one event loop's.
///
/// A request asks for one route after another; what was tried is not given again.
public final class RoutePool {
    /// A way of the pool.
    public final class Place {
        public let route: ModelRoute
        let share: PoolShare
        public let health: PlaceHealth
        /// Times to the first byte, of whole answers and of streams: this loop's own, since it is measured often.
        public var wholeLatency = LatencyEstimate()
        public var streamLatency = LatencyEstimate()

        init(_ pooled: PooledRoute, _ health: PlaceHealth) {
            route = pooled.route
            share = pooled.share
            self.health = health
        }
    }

    /// A set of places, by their numbers.
    public struct Places: Sendable, Equatable {
        private var bits: UInt64 = 0
        public static let maximumCount = 64  // As the configuration allows.

        public init() {}

        public func contains(_ index: Int) -> Bool { bits >> UInt64(index) & 1 == 1 }
        public mutating func insert(_ index: Int) { bits |= 1 << UInt64(index) }
    }

    public let places: [Place]
    private var turn: UInt64 = 0

    /// - Parameter routes: at most ``Places/maximumCount`` are used.
    public init(_ routes: [PooledRoute], memory: PlaceMemory) {
        places = routes.prefix(Places.maximumCount).map { Place($0, memory.health(of: .init($0.route))) }
    }

    /// The place that a request should go to; `nil` when all that are left rest.
    ///
    /// - Parameter tried: places that are not asked: for this request they failed, or are not allowed.
    public func next(without tried: Places, at now: Int) -> (index: Int, ticket: PlaceState.Ticket)? {
        var refused = tried
        while let index = preferred(without: refused, at: now) {
            if let ticket = places[index].health.admit(at: now) { return (index, ticket) }
            refused.insert(index)  // Another loop took the probe.
        }
        return nil
    }

    /// The place whose rest ends first, for a request that nobody else takes.
    public func lastResort(without tried: Places, at now: Int) -> Int? {
        places.indices.filter { !tried.contains($0) }.min { first, second in
            places[first].health.current.rest(at: now) < places[second].health.current.rest(at: now)
        }
    }

    /// The best tier that has a place which could take a request; in it, by weight.
    private func preferred(without refused: Places, at now: Int) -> Int? {
        var best: (isLast: Bool, tier: Int)?
        var sum = 0.0
        var open = Places()
        for (index, place) in places.enumerated() where !refused.contains(index) {
            var state = place.health.current
            guard state.admit(at: now) != nil else { continue }
            let rank = (isLast: place.share.isLast, tier: place.share.tier)
            if let known = best, (known.isLast ? 1 : 0, known.tier) < (rank.isLast ? 1 : 0, rank.tier) { continue }
            if best.map({ $0 != rank }) ?? true {
                best = rank
                sum = 0
                open = Places()
            }
            sum += place.share.weight
            open.insert(index)
        }
        guard best != nil else { return nil }
        var point = nextPoint() * sum
        var last: Int?
        for index in places.indices where open.contains(index) {
            last = index
            point -= places[index].share.weight
            if point < 0 { return index }
        }
        return last
    }

    /// Points in 0..<1 that are spread evenly however few they are: multiples of the golden ratio.
    private func nextPoint() -> Double {
        turn &+= 0x9E37_79B9_7F4A_7C15
        return Double(turn >> 11) / Double(UInt64(1) << 53)
    }
}
