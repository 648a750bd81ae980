internal import PolluxConfiguration
public import PolluxOpenAIWire
internal import Synchronization

/// Requests per minute, by gateway key (AUTH-005).
///
/// Each key has a bucket that holds as many requests as its limit and fills up again within a minute.
public final class RequestRates: Sendable {
    private struct Bucket {
        var level: Double
        var time: ContinuousClock.Instant
    }

    private let buckets = Mutex<[String: Bucket]>([:])

    /// Forgets the keys that are no longer there.
    func keep(only names: Set<String>) {
        buckets.withLock { buckets in buckets = buckets.filter { names.contains($0.key) } }
    }

    /// Takes one request out of the key's bucket.
    ///
    /// - Throws: 429 with the time until there is one again.
    public func admit(_ identity: ClientIdentity, now: ContinuousClock.Instant = .now) throws(APIError) {
        guard case .key(let key) = identity, let limit = key.requestsPerMinute else { return }
        let missing = buckets.withLock { buckets -> Double in
            var bucket = buckets[key.name] ?? Bucket(level: Double(limit), time: now)
            let elapsed = (now - bucket.time) / Duration.seconds(1)
            bucket.level = min(Double(limit), bucket.level + elapsed * Double(limit) / 60)
            bucket.time = now
            defer { buckets[key.name] = bucket }
            if bucket.level < 1 { return 1 - bucket.level }
            bucket.level -= 1
            return 0
        }
        guard missing > 0 else { return }
        throw APIError(
            status: 429, kind: .rateLimit, message: "Rate limit reached for this key: \(limit) requests per minute.",
            code: "rate_limit_exceeded", retryAfter: .milliseconds(Int((missing * 60000 / Double(limit)).rounded(.up)))
        )
    }
}
