import Synchronization

/// Which configuration is served, and whether a newer one was refused.
public final class ReloadState: Sendable {
    /// What is known at one moment.
    public struct Status: Sendable, Hashable {
        /// 1 for the configuration of the start; one more for each that came in its place.
        public var generation = 1
        /// When it was taken, Unix seconds.
        public var loadedAt: Int
        /// Configurations that were refused since the start.
        public var refusals = 0
        /// The newest configuration was refused: what is served is older than what is written.
        public var isRefused = false
    }

    private let state: Mutex<Status>

    init(now: Int) { state = Mutex(Status(loadedAt: now)) }

    public var status: Status { state.withLock { $0 } }

    func accept(now: Int) {
        state.withLock { state in
            state.generation += 1
            state.loadedAt = now
            state.isRefused = false
        }
    }

    /// What is written is what is served already.
    public func confirm() { state.withLock { $0.isRefused = false } }

    public func refuse() {
        state.withLock { state in
            state.refusals += 1
            state.isRefused = true
        }
    }
}
