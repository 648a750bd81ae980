import Synchronization

/// A limit per minute, shared by all event loops without a lock.
///
/// The generic cell rate algorithm: instead of a level there is a moment, at which the bucket would be full again. What
/// is taken moves the moment on; what is more than a minute ahead was too much.
///
///     now            full again                 now + 1 minute
///      |-- in use ------|------- free --------------|
///
/// - Unit: nanoseconds of a clock that does not jump. Should it jump all the same, a bucket is blocked for no longer
///   than ``maximumDebt``.
/// - Limit: a single request larger than the whole bucket is let in when the bucket is full.
final class RateBucket: Sendable {
    private static let minute: Int64 = 60_000_000_000
    /// How far the bucket may be overdrawn by requests that took more than was thought.
    static let maximumDebt: Int64 = 10 * minute

    /// When the bucket would be full again.
    private let fullAgain = Atomic<Int64>(.min)

    /// Takes `count` out of a bucket that holds `limit`.
    ///
    /// - Returns: 0, or the nanoseconds until it can be taken.
    func take(_ count: Int, limit: Int, now: Int64) -> Int64 {
        let cost = min(Self.time(count, limit: limit), Self.minute)
        while true {
            let known = fullAgain.load(ordering: .relaxed)
            let start = Self.bounded(known, now: now)
            let end = start + cost
            if end - now > Self.minute {
                // A moment that cannot be, because the clock jumped back, would be far away until the clock is there.
                if start < known { _ = fullAgain.compareExchange(expected: known, desired: start, ordering: .relaxed) }
                return end - now - Self.minute
            }
            if fullAgain.weakCompareExchange(expected: known, desired: end, ordering: .relaxed).exchanged { return 0 }
        }
    }

    /// Corrects what was taken: `count` was too much, or, when it is negative, too little.
    func giveBack(_ count: Int, limit: Int) {
        guard count != 0 else { return }
        let time = Self.time(Int(clamping: count.magnitude), limit: limit)
        if count > 0 {
            fullAgain.subtract(time, ordering: .relaxed)
        } else {
            fullAgain.add(min(time, Self.maximumDebt), ordering: .relaxed)
        }
    }

    /// What is left, and the nanoseconds until it is full again.
    func state(limit: Int, now: Int64) -> RateState {
        let inUse = Self.bounded(fullAgain.load(ordering: .relaxed), now: now) - now
        let free = max(0, Self.minute - inUse)
        return RateState(limit: limit, remaining: Int(Double(free) * Double(limit) / Double(Self.minute)), reset: inUse)
    }

    /// The moment, within what can be: not before now, not further than the deepest debt.
    private static func bounded(_ moment: Int64, now: Int64) -> Int64 {
        min(max(moment, now), now + minute + maximumDebt)
    }

    /// The time in which so much flows in.
    private static func time(_ count: Int, limit: Int) -> Int64 {
        let time = Double(count) * Double(minute) / Double(limit)
        return time < Double(minute) * 1000 ? Int64(time) : minute * 1000
    }
}

/// One rate limit as clients read it in `x-ratelimit-…`.
public struct RateState: Sendable, Hashable {
    public var limit: Int
    public var remaining: Int
    /// Nanoseconds until nothing is in use.
    public var reset: Int64
}
