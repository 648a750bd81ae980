internal import PolluxConfiguration
public import PolluxOpenAIWire

extension Gateway {
    /// A backend as a member of a pool, or alone.
    struct Member: Sendable {
        var backend: Backend
        /// `nil`: the order counts.
        var weight: Int?
    }

    /// The backends behind a name; `nil` when there are none.
    func members(of name: String) -> [Member]? { Self.members(of: name, configuration, backends) }

    static func members(of name: String, _ configuration: Configuration, _ backends: [Backend]) -> [Member]? {
        if let backend = backends.first(where: { $0.name == name }) { return [Member(backend: backend)] }
        let members = configuration.pools.first { $0.name == name }?.members.compactMap { share in
            backends.first { $0.name == share.name }.map { Member(backend: $0, weight: share.weight) }
        }
        return members?.isEmpty == false ? members : nil
    }

    /// Every place that may serve a model, in the order of the file: more than one only in a pool.
    ///
    /// A place whose backend cannot serve the model (a project is missing there, or its kind knows no such
    /// name) is left out as long as another can.
    ///
    /// - Throws: as ``route(model:base:)``.
    public func routes(model: String?, base: ChatBase) throws(APIError) -> [PooledRoute] {
        let members = try members(model, base)
        var location: String?
        // A location in the path is the client's own choice, and no other stands in for it.
        if case .vertex(_, _, let chosen) = base, !configuration.routing.override { location = chosen }
        let places = Self.places(members, only: location)
        guard places.count > 1 else {
            return [PooledRoute(route: try route(model: model, base: base), share: PoolShare(tier: 0, weight: 1))]
        }
        var routes: [PooledRoute] = []
        var failure: APIError?
        for (place, share) in places {
            do throws(APIError) {
                routes.append(PooledRoute(route: try route(model: model, base: base, at: place), share: share))
            } catch {
                failure = failure ?? error
            }
        }
        if routes.isEmpty, let failure { throw failure }
        return routes
    }

    /// The members that a request may go to.
    private func members(_ model: String?, _ base: ChatBase) throws(APIError) -> [Member] {
        if case .endpoint = base { return [] }
        guard let model else { return [] }
        if let alias = alias(of: model) { return alias.members }
        if Self.endpoint(named: model) != nil { return [] }
        return try members(for: base)
    }

    /// Members and their locations, flat, each with its share.
    ///
    ///     members in order      those of the first, then those of the second, …
    ///     members by weight     a member's locations share its weight; further locations in order stand in
    ///     weight 0              stands in when nothing else is left
    ///
    /// - Parameter location: when given, each backend only there.
    static func places(_ members: [Member], only location: String? = nil) -> [(Backend, PoolShare)] {
        var places: [(Backend, PoolShare)] = []
        var tier = 0
        for member in members {
            var own = shares(of: member.backend, scale: Double(member.weight ?? 1))
            if let location {
                let there = member.backend.places.first { $0.configuration.location == location }
                own = [(there ?? member.backend, PoolShare(tier: 0, weight: Double(member.weight ?? 1)))]
            }
            for (place, share) in own {
                let isLast = share.isLast || member.weight == 0
                places.append((place, PoolShare(tier: tier + share.tier, weight: share.weight, isLast: isLast)))
            }
            if member.weight == nil { tier += (own.map(\.1.tier).max() ?? 0) + 1 }
        }
        return places
    }

    private static func shares(of backend: Backend, scale: Double) -> [(Backend, PoolShare)] {
        let weights = backend.configuration.locations.compactMap(\.weight)
        let sum = weights.reduce(0, +)
        guard sum > 0 else {
            return backend.places.enumerated().map { ($1, PoolShare(tier: $0, weight: scale)) }
        }
        return zip(backend.places, weights).map { place, weight in
            (place, PoolShare(tier: 0, weight: scale * Double(weight) / Double(sum), isLast: weight == 0))
        }
    }
}

/// One of several routes of a model.
public struct PooledRoute: Sendable {
    public var route: ModelRoute
    public var share: PoolShare

    public init(route: ModelRoute, share: PoolShare) {
        self.route = route
        self.share = share
    }
}

/// When a place is asked, and how often.
public struct PoolShare: Sendable, Equatable {
    /// Lower tiers come first; the next is asked when nobody in this one can be.
    public var tier: Int
    /// Its part of the requests among those of its tier.
    public var weight: Double
    /// It only stands in, behind all tiers.
    public var isLast: Bool

    public init(tier: Int, weight: Double, isLast: Bool = false) {
        self.tier = tier
        self.weight = weight
        self.isLast = isLast
    }
}
