import PolluxGateway

/// What all event loops know of upstreams together; it outlives every configuration.
final class PoolState: Sendable {
    let places = PlaceMemory()
    let retries = RetryBudget()
    let hedges = HedgeBudget()
}
