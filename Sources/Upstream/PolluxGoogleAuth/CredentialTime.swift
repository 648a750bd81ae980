import FoundationEssentials

/// The wall clock, and waiting. Tests put their own in its place.
public struct CredentialTime: Sendable {
    /// Milliseconds since 1970.
    public var nowMilliseconds: @Sendable () -> Int
    /// Waits; throws when its task is cancelled.
    public var sleep: @Sendable (Duration) async throws -> Void
    /// A number in -1...1, by which waits differ between instances.
    public var jitter: @Sendable () -> Double

    public init(
        nowMilliseconds: @escaping @Sendable () -> Int,
        sleep: @escaping @Sendable (Duration) async throws -> Void,
        jitter: @escaping @Sendable () -> Double = { Double.random(in: -1...1) }
    ) {
        self.nowMilliseconds = nowMilliseconds
        self.sleep = sleep
        self.jitter = jitter
    }

    /// The system's clock.
    public static let system = CredentialTime(
        nowMilliseconds: { Int(Date().timeIntervalSince1970 * 1000) },
        sleep: { try await Task.sleep(for: $0, clock: .continuous) }
    )
}
