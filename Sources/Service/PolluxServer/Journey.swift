import NIOCore
import PolluxConfiguration
import PolluxGateway
import PolluxOpenAIWire
import PolluxTranslation

/// The way of one request through a pool: where its calls were, how it went there, where they may still go.
///
/// Only a request whose model has several places has one.
final class Journey {
    /// Where a call is.
    struct Position {
        var place = 0
        var ticket = PlaceState.Ticket.regular
        /// The number of its leg; `nil` before it was sent.
        var leg: Int?
        /// Where it was, or must not go.
        var tried = RoutePool.Places()
    }

    /// One call at one place.
    private struct Leg {
        let place: Int
        let ticket: PlaceState.Ticket
        let start: NIODeadline
        var milliseconds = 0
        /// The upstream's status; 0 when there was none.
        var status = 0
        /// Why there was none.
        var word: StaticString?
        var hedge: StaticString?
        var isSettled = false
    }

    /// Legs that the header shows; a request with many calls may have more.
    private static let maximumShown = 8

    let pool: RoutePool
    /// Where the request must not go at all.
    private let closed: RoutePool.Places
    private var legs: [Leg] = []
    /// Another place would have been asked, had the retry budget allowed it.
    var isOutOfBudget = false

    init(_ pool: RoutePool, closed: RoutePool.Places) {
        self.pool = pool
        self.closed = closed
    }

    // MARK: Where to

    /// Where the request begins; `nil` when every place is closed to it.
    func begin(at now: NIODeadline) -> Position? {
        var position = Position()
        position.tried = closed
        if let next = pool.next(without: closed, at: now.milliseconds) {
            (position.place, position.ticket) = next
        } else if let place = pool.lastResort(without: closed, at: now.milliseconds) {
            (position.place, position.ticket) = (place, .lastResort)
        } else {
            return nil
        }
        return position
    }

    /// Where a call goes on: a place where it was not, and that is well.
    ///
    /// - Parameter isAllowed: further conditions.
    func next(after position: Position, at now: NIODeadline, _ isAllowed: (RoutePool.Place) -> Bool) -> Position? {
        var position = position
        position.tried.insert(position.place)
        var refused = position.tried
        for (index, place) in pool.places.enumerated() where !isAllowed(place) { refused.insert(index) }
        guard let next = pool.next(without: refused, at: now.milliseconds) else { return nil }
        (position.place, position.ticket) = next
        position.leg = nil
        return position
    }

    func place(of position: Position) -> RoutePool.Place { pool.places[position.place] }

    /// The first of a backend's routes: what is remembered for a client is remembered there.
    func home(of route: ModelRoute) -> ModelRoute {
        pool.places.first { $0.route.backend.name == route.backend.name }?.route ?? route
    }

    /// One route of each other backend.
    func others(than route: ModelRoute) -> [ModelRoute] {
        var seen: Set<String> = [route.backend.name]
        return pool.places.map(\.route).filter { seen.insert($0.backend.name).inserted }
    }

    /// The place of cached content, from which the request cannot go away.
    func pin(_ location: String?) -> Position? {
        let open = pool.places.indices.filter { !closed.contains($0) }
        guard let place = open.first(where: { pool.places[$0].route.target.location == location }) ?? open.first else {
            return nil
        }
        var position = Position()
        position.place = place
        for index in pool.places.indices { position.tried.insert(index) }
        return position
    }

    // MARK: How it goes

    /// A call is sent. What is sent again because its connection was dead is on the same leg still.
    func depart(_ position: inout Position, at now: NIODeadline) {
        if let leg = position.leg, !legs[leg].isSettled { return }
        position.leg = legs.count
        legs.append(Leg(place: position.place, ticket: position.ticket, start: now))
        pool.places[position.place].health.count(.request)
    }

    /// The head of an answer is there.
    func receive(status: Int, _ position: Position, isStream: Bool, at now: NIODeadline) {
        guard let leg = position.leg, legs[leg].status == 0 else { return }
        let milliseconds = Self.milliseconds(now - legs[leg].start)
        legs[leg].status = status
        legs[leg].milliseconds = milliseconds
        guard (200..<300).contains(status) else { return }
        let place = pool.places[position.place]
        if isStream {
            place.streamLatency.add(milliseconds: milliseconds)
            if let p95 = place.streamLatency.p95 { place.health.publish(streamP95: p95) }
        } else {
            place.wholeLatency.add(milliseconds: milliseconds)
        }
    }

    /// A call is over at its place, as far as the place's health is concerned.
    func settle(
        _ position: Position, _ outcome: PlaceState.Outcome, word: StaticString? = nil, hedge: StaticString? = nil,
        at now: NIODeadline
    ) {
        guard let leg = position.leg else { return }
        if !legs[leg].isSettled, legs[leg].status == 0 {
            legs[leg].milliseconds = Self.milliseconds(now - legs[leg].start)
        }
        legs[leg].isSettled = true
        legs[leg].word = word
        if let hedge { legs[leg].hedge = hedge }
        let health = pool.places[position.place].health
        health.report(outcome, of: legs[leg].ticket, at: now.milliseconds)
        switch outcome {
        case .refused, .failed: health.count(legs[leg].status == 429 ? .throttled : .failed)
        case .answered, .abandoned: break
        }
    }

    /// The status of an error inside an answer whose own was 200.
    func correct(status: Int, _ position: Position) {
        if let leg = position.leg { legs[leg].status = status }
    }

    func isSettled(_ position: Position) -> Bool { position.leg.map { legs[$0].isSettled } ?? true }

    func mark(_ position: Position, hedge: StaticString) {
        if let leg = position.leg { legs[leg].hedge = hedge }
    }

    /// What an error says about the place, not about the request.
    static func outcome(of error: APIError, upstreamStatus: Int?) -> PlaceState.Outcome {
        let delay = error.retryAfter.map { Int($0 / .milliseconds(1)) }
        switch upstreamStatus ?? error.status {
        // A quota of a day does not come back in a second.
        case 429 where error.code == "insufficient_quota": return .refused(delay: delay ?? PlaceState.longestRest)
        case 429, 503: return .refused(delay: delay)
        case 408, 500, 502, 504: return .failed
        default: return .answered
        }
    }

    // MARK: What is told

    /// The value of `x-pollux-route`: each leg's place, status or reason, and time to the first byte.
    ///
    ///     eu/europe-west4;429;12ms, eu/us-central1;200;340ms;probe
    var header: String {
        var text = ""
        let hidden = max(0, legs.count - Self.maximumShown)
        if hidden > 0 { text = "+\(hidden)" }
        for leg in legs.dropFirst(hidden) {
            if !text.isEmpty { text += ", " }
            let route = pool.places[leg.place].route
            text += route.backend.name
            let location = route.target.location
            if !location.isEmpty, route.backend.kind.isVertex { text += "/\(location)" }
            if let word = leg.word {
                text += ";\(word)"
            } else {
                text += leg.status > 0 ? ";\(leg.status)" : ";waiting"
            }
            if leg.isSettled || leg.status > 0 { text += ";\(leg.milliseconds)ms" }
            switch leg.ticket {
            case .regular: break
            case .probe: text += ";probe"
            case .lastResort: text += ";last-resort"
            }
            if let hedge = leg.hedge { text += ";hedge=\(hedge)" }
        }
        if isOutOfBudget { text += ";no-budget" }
        return text
    }

    private static func milliseconds(_ time: TimeAmount) -> Int { Int(time.nanoseconds / 1_000_000) }
}

extension NIODeadline {
    var milliseconds: Int { Int(uptimeNanoseconds / 1_000_000) }
}
