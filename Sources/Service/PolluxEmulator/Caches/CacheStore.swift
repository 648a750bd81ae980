import Synchronization

/// The context caches that are alive.
///
/// - Limits: `maximumCaches` and `maximumBytes`; beyond them the service's quota error is the answer.
final class CacheStore: Sendable {
    static let maximumCaches = 1000
    static let maximumBytes = 256 << 20

    fileprivate struct State {
        var caches: [CachedContent] = []
        var bytes = 0
        var chance: Chance
    }

    private let clock: EmulatorClock
    private let seed: UInt64
    private let state: Mutex<State>

    init(seed: UInt64, clock: EmulatorClock) {
        self.seed = seed
        self.clock = clock
        state = Mutex(State(chance: Chance(seed)))
    }

    /// Keeps a cache under an id of its own.
    func add(_ cache: CachedContent) throws(GoogleError) -> CachedContent {
        let now = clock.milliseconds
        let added: CachedContent? = state.withLock { state in
            state.dropExpired(now)
            guard state.caches.count < Self.maximumCaches, state.bytes + cache.byteCount <= Self.maximumBytes else {
                return nil
            }
            var cache = cache
            // Vertex AI counts its caches, the Developer API gives them letters.
            cache.id =
                cache.backend == .vertex
                ? String(1_000_000_000_000_000_000 + state.chance.next() % 8_000_000_000_000_000_000)
                : state.chance.identifier(length: 12)
            state.bytes += cache.byteCount
            state.caches.append(cache)
            return cache
        }
        guard let added else {
            throw GoogleError(.resourceExhausted, "The emulator keeps no more than \(Self.maximumCaches) caches.")
        }
        return added
    }

    /// The cache with this id in this place, while it lives.
    func cache(_ id: String, _ parent: String, _ backend: Backend) -> CachedContent? {
        let now = clock.milliseconds
        return state.withLock { state in
            state.dropExpired(now)
            return state.index(id, parent, backend).map { state.caches[$0] }
        }
    }

    /// All caches of a place, the newest first.
    func all(_ parent: String, _ backend: Backend) -> [CachedContent] {
        let now = clock.milliseconds
        return state.withLock { state in
            state.dropExpired(now)
            return state.caches.filter { $0.parent == parent && $0.backend == backend }.reversed()
        }
    }

    /// Lets a cache live to another moment.
    func update(_ id: String, _ parent: String, _ backend: Backend, expires: Int) -> CachedContent? {
        let now = clock.milliseconds
        return state.withLock { state in
            state.dropExpired(now)
            guard let index = state.index(id, parent, backend) else { return nil }
            state.caches[index].expiresMilliseconds = expires
            state.caches[index].updatedMilliseconds = now
            return state.caches[index]
        }
    }

    /// - Returns: whether it was there.
    func remove(_ id: String, _ parent: String, _ backend: Backend) -> Bool {
        let now = clock.milliseconds
        return state.withLock { state in
            state.dropExpired(now)
            guard let index = state.index(id, parent, backend) else { return false }
            state.bytes -= state.caches.remove(at: index).byteCount
            return true
        }
    }

    func removeAll() { state.withLock { $0 = State(chance: Chance(seed)) } }
}

extension CacheStore.State {
    fileprivate mutating func dropExpired(_ now: Int) {
        guard caches.contains(where: { $0.expiresMilliseconds <= now }) else { return }
        caches.removeAll { $0.expiresMilliseconds <= now }
        bytes = caches.reduce(0) { $0 + $1.byteCount }
    }

    fileprivate func index(_ id: String, _ parent: String, _ backend: Backend) -> Int? {
        caches.firstIndex { $0.id == id && $0.parent == parent && $0.backend == backend }
    }
}
