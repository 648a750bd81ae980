internal import Synchronization

/// How many second tries a process may make, so that it does not amplify an outage.
///
/// Each request adds `percent` of one try; beside that, ``perSecond`` tries come with time, so that a quiet
/// gateway may always try again. At most ``burst`` can be saved up.
///
/// Shared by all event loops without a lock: counts are atomic, and a lost race costs or gives a few tries.
public final class RetryBudget: Sendable {
    public static let perSecond = 10
    public static let burst = 100

    /// In hundredths of a try.
    private let level = Atomic<Int>(burst * 100)
    /// Up to when time has given its tries, in milliseconds; far in the past at first.
    private let paidUntil = Atomic<Int>(Int.min)

    public init() {}

    /// Counts a request.
    public func deposit(percent: Int) {
        if level.load(ordering: .relaxed) < Self.burst * 100 { level.add(percent, ordering: .relaxed) }
    }

    /// Takes one try; `false` when there is none.
    ///
    /// - Parameter now: in milliseconds.
    public func withdraw(at now: Int) -> Bool {
        refill(now)
        if level.subtract(100, ordering: .relaxed).newValue >= 0 { return true }
        level.add(100, ordering: .relaxed)
        return false
    }

    private func refill(_ now: Int) {
        let paid = paidUntil.load(ordering: .relaxed)
        let hundredths = paid == Int.min ? 0 : (now - paid) * Self.perSecond / 10
        guard paid == Int.min || hundredths > 0 else { return }
        guard paidUntil.compareExchange(expected: paid, desired: now, ordering: .relaxed).exchanged else { return }
        let missing = Self.burst * 100 - level.load(ordering: .relaxed)
        if missing > 0 { level.add(min(hundredths, missing), ordering: .relaxed) }
    }
}
