import Synchronization

/// What one key has in use: its rates, its running requests, its spending.
///
/// Shared by all event loops; nothing in it waits. It outlives the key's limits: when these change, what was used
/// counts on.
///
///     admit      counts a request                           before its body is read
///     reserve    takes what it may need at most             before it is sent upstream
///     settle     gives back what it did not need            at its end, whatever the end
///     leave      the request runs no longer
public final class KeyMeter: Sendable {
    private let requests = RateBucket()
    private let tokens = RateBucket()
    private let running = Atomic<Int>(0)
    /// Requests that hold a reservation.
    private let reserving = Atomic<Int>(0)
    private let daily = Spending()
    private let monthly = Spending()

    public init() {}

    /// What a request may need at most, and in which periods.
    public struct Reservation: Sendable, Hashable {
        public let tokens: Int
        public let cost: Money
        public let day: Int
        public let month: Int
    }

    // MARK: Requests

    /// Counts a request that begins; ``leave()`` is its counterpart.
    ///
    /// - Parameter now: nanoseconds of a clock that does not jump.
    public func admit(_ limits: KeyLimits, now: Int64) throws(LimitRefusal) {
        let count = running.add(1, ordering: .relaxed).newValue
        if let limit = limits.concurrentRequests, count > limit {
            leave()
            throw .concurrentRequests(limit: limit)
        }
        guard let limit = limits.requestsPerMinute else { return }
        let wait = requests.take(1, limit: limit, now: now)
        guard wait > 0 else { return }
        leave()
        throw .requestsPerMinute(limit: limit, nanoseconds: wait)
    }

    public func leave() { running.subtract(1, ordering: .relaxed) }

    public var runningRequests: Int { running.load(ordering: .relaxed) }

    // MARK: Tokens and money

    /// Takes what a request may need at most from the tokens per minute and from the budgets.
    ///
    /// A budget lets a request in when all that is reserved fits into it. A request that runs alone is let in while
    /// anything is left, so that a budget can be used to its end: it may be the one that goes over.
    public func reserve(
        tokens count: Int, cost: Money, _ limits: KeyLimits, now: Int64, periods: CalendarPeriods
    ) throws(LimitRefusal) -> Reservation {
        let count = max(0, count)
        if let limit = limits.tokensPerMinute {
            let wait = tokens.take(count, limit: limit, now: now)
            if wait > 0 { throw .tokensPerMinute(limit: limit, requested: count, nanoseconds: wait) }
        }
        reserving.add(1, ordering: .relaxed)
        let day = daily.period(periods.day)
        let month = monthly.period(periods.month)
        let taken = Self.amounts(limits, day, month, tokens: count, cost: cost)
        for index in taken.indices {
            let next = taken[index]
            if next.reserve() || reserving.load(ordering: .relaxed) == 1 && next.overdraw() { continue }
            for earlier in 0..<index { taken[earlier].amount.settle(reserved: taken[earlier].size, used: 0) }
            reserving.subtract(1, ordering: .relaxed)
            if let limit = limits.tokensPerMinute { tokens.giveBack(min(count, limit), limit: limit) }
            guard next.isExhausted else { throw .budgetReserved(next.budget) }
            throw .budgetExhausted(next.budget, seconds: next.budget.secondsLeft(periods))
        }
        return Reservation(tokens: count, cost: cost, day: periods.day, month: periods.month)
    }

    /// Puts what was really used in the reservation's place.
    public func settle(_ reservation: Reservation, tokens used: Int, cost: Money, _ limits: KeyLimits) {
        if let limit = limits.tokensPerMinute {
            tokens.giveBack(min(reservation.tokens, limit) - used, limit: limit)
        }
        daily.known(reservation.day)?.settle(reservation, tokens: used, cost: cost)
        monthly.known(reservation.month)?.settle(reservation, tokens: used, cost: cost)
        reserving.subtract(1, ordering: .relaxed)
    }

    /// Counts what earlier processes spent.
    public func restore(day: Int, tokens: Int, cost: Money) { Self.restore(daily.period(day), tokens, cost) }

    public func restore(month: Int, tokens: Int, cost: Money) { Self.restore(monthly.period(month), tokens, cost) }

    private static func restore(_ period: Spending.Period, _ tokens: Int, _ cost: Money) {
        period.tokens.settle(reserved: 0, used: tokens)
        period.money.settle(reserved: 0, used: cost.nanodollars)
    }

    // MARK: What clients and operators see

    public func requestRate(_ limits: KeyLimits, now: Int64) -> RateState? {
        limits.requestsPerMinute.map { requests.state(limit: $0, now: now) }
    }

    public func tokenRate(_ limits: KeyLimits, now: Int64) -> RateState? {
        limits.tokensPerMinute.map { tokens.state(limit: $0, now: now) }
    }

    /// Tokens and money that answers have taken.
    public func spent(_ periods: CalendarPeriods) -> (
        day: (tokens: Int, cost: Money), month: (tokens: Int, cost: Money)
    ) {
        func amounts(_ period: Spending.Period) -> (Int, Money) {
            (period.tokens.isUsed, Money(nanodollars: period.money.isUsed))
        }
        return (amounts(daily.period(periods.day)), amounts(monthly.period(periods.month)))
    }
}

extension KeyMeter {
    /// One amount that a request takes from, with its limit, if there is one.
    private struct Taking {
        let budget: LimitRefusal.Budget
        let amount: Spending.Amount
        let size: Int
        let limit: Int?

        func reserve() -> Bool {
            guard let limit else {
                amount.reserve(size)
                return true
            }
            return amount.reserve(size, limit: limit)
        }

        /// Reserves it although it may be too much, while anything is left.
        func overdraw() -> Bool {
            if isExhausted { return false }
            amount.reserve(size)
            return true
        }

        var isExhausted: Bool { limit.map { amount.isUsed >= $0 } ?? false }
    }

    private static func amounts(
        _ limits: KeyLimits, _ day: Spending.Period, _ month: Spending.Period, tokens: Int, cost: Money
    ) -> InlineArray<4, Taking> {
        [
            Taking(budget: .dailyTokens, amount: day.tokens, size: tokens, limit: limits.dailyTokens),
            Taking(budget: .monthlyTokens, amount: month.tokens, size: tokens, limit: limits.monthlyTokens),
            Taking(
                budget: .dailyMoney, amount: day.money, size: cost.nanodollars, limit: limits.dailyMoney?.nanodollars
            ),
            Taking(
                budget: .monthlyMoney, amount: month.money, size: cost.nanodollars,
                limit: limits.monthlyMoney?.nanodollars
            ),
        ]
    }
}

extension Spending.Period {
    /// Puts what was used in the place of what was reserved.
    fileprivate func settle(_ reservation: KeyMeter.Reservation, tokens used: Int, cost: Money) {
        tokens.settle(reserved: reservation.tokens, used: used)
        money.settle(reserved: reservation.cost.nanodollars, used: cost.nanodollars)
    }
}

extension LimitRefusal.Budget {
    func secondsLeft(_ periods: CalendarPeriods) -> Int {
        switch self {
        case .dailyMoney, .dailyTokens: periods.secondsToNextDay
        case .monthlyMoney, .monthlyTokens: periods.secondsToNextMonth
        }
    }
}
