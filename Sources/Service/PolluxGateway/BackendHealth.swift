internal import Synchronization

/// Whether a backend could be connected to lately (09 § 7).
///
/// It only tells: an unhealthy backend is tried all the same. Any answer makes it healthy again.
public final class BackendHealth: Sendable {
    /// Connections in a row that must fail.
    public static let failuresUntilUnhealthy = 3

    private let failures = Atomic<Int>(0)
    private let onChange: (@Sendable (_ isHealthy: Bool) -> Void)?

    /// - Parameter onChange: is called on an event loop, once for each change; must not wait.
    public init(onChange: (@Sendable (_ isHealthy: Bool) -> Void)? = nil) { self.onChange = onChange }

    /// Goes on where `predecessor` was.
    func adopt(_ predecessor: BackendHealth) {
        failures.store(predecessor.failures.load(ordering: .relaxed), ordering: .relaxed)
    }

    public var isHealthy: Bool { failures.load(ordering: .relaxed) < Self.failuresUntilUnhealthy }

    /// No connection came about, within as many attempts as the request had.
    public func didFailToConnect() {
        let count = failures.wrappingAdd(1, ordering: .relaxed).newValue
        if count == Self.failuresUntilUnhealthy { onChange?(false) }
    }

    /// An answer has begun, whatever its status.
    public func didAnswer() {
        guard failures.load(ordering: .relaxed) > 0 else { return }
        let count = failures.exchange(0, ordering: .relaxed)
        if count >= Self.failuresUntilUnhealthy { onChange?(true) }
    }
}
