internal import PolluxTranslation
internal import Synchronization

/// The health of every place that pools have used: one for the process, whatever configuration it has.
///
/// It is asked when a loop meets a model for the first time, not for each request.
/// - Limit: ``maximumPlaces``. When there are more, those that are well are forgotten; were none of them, a new place
///   is remembered by its loop alone.
public final class PlaceMemory: Sendable {
    public static let maximumPlaces = 4096

    /// What is remembered apart.
    public struct Key: Hashable, Sendable {
        public var backend: String
        public var location: String
        public var model: String

        public init(_ route: ModelRoute) {
            backend = route.backend.name
            location = route.target.location
            model = route.target.model
        }
    }

    private let places = Mutex<[Key: PlaceHealth]>([:])

    public init() {}

    public func health(of key: Key) -> PlaceHealth {
        places.withLock { places in
            if let known = places[key] { return known }
            if places.count >= Self.maximumPlaces { places = places.filter { $0.value.current != PlaceState() } }
            let made = PlaceHealth()
            if places.count < Self.maximumPlaces { places[key] = made }
            return made
        }
    }

    /// All places as they are now, in the order of their names; for people and metrics.
    ///
    /// - Parameter now: in milliseconds.
    public func snapshot(at now: Int) -> [PlaceSnapshot] {
        let places = self.places.withLock { $0 }
        return places.map { PlaceSnapshot($0.key, $0.value, now) }.sorted { first, second in
            (first.backend, first.location, first.model) < (second.backend, second.location, second.model)
        }
    }
}

/// One place at one moment.
public struct PlaceSnapshot: Sendable, Equatable {
    public var backend: String
    /// Empty where the backend has none.
    public var location: String
    public var model: String
    public var condition: PlaceState.Condition
    /// Milliseconds that it still rests.
    public var rest: Int
    public var counts: PlaceHealth.Counts
    /// Milliseconds to the first byte of a stream; `nil` while too little is known.
    public var streamP95: Int?

    init(_ key: PlaceMemory.Key, _ health: PlaceHealth, _ now: Int) {
        backend = key.backend
        location = key.location
        model = key.model
        let state = health.current
        condition = state.condition
        rest = state.rest(at: now)
        counts = health.counts
        streamP95 = health.streamP95
    }
}
