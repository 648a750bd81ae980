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
        let reservation = Reservation(tokens: count, cost: cost, day: periods.day, month: periods.month)
        guard let budget = takeBudgets(reservation, limits) else { return reservation }
        reserving.subtract(1, ordering: .relaxed)
        if let limit = limits.tokensPerMinute { tokens.giveBack(min(count, limit), limit: limit) }
        let isExhausted = with(budget, of: reservation) { $0.isExhausted(limit: limits[budget]) }
        guard isExhausted else { throw .budgetReserved(budget) }
        throw .budgetExhausted(budget, seconds: budget.secondsLeft(periods))
    }

    /// Puts what was really used in the reservation's place.
    public func settle(_ reservation: Reservation, tokens used: Int, cost: Money, _ limits: KeyLimits) {
        if let limit = limits.tokensPerMinute {
            tokens.giveBack(min(reservation.tokens, limit) - used, limit: limit)
        }
        daily.withKnownPeriod(reservation.day) { $0.settle(reservation, tokens: used, cost: cost) }
        monthly.withKnownPeriod(reservation.month) { $0.settle(reservation, tokens: used, cost: cost) }
        reserving.subtract(1, ordering: .relaxed)
    }

    /// Counts what earlier processes spent.
    public func restore(day: Int, tokens: Int, cost: Money) {
        daily.withPeriod(day) { $0.restore(tokens, cost) }
    }

    public func restore(month: Int, tokens: Int, cost: Money) {
        monthly.withPeriod(month) { $0.restore(tokens, cost) }
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
        (
            daily.withPeriod(periods.day) { ($0.tokens.isUsed, Money(nanodollars: $0.money.isUsed)) },
            monthly.withPeriod(periods.month) { ($0.tokens.isUsed, Money(nanodollars: $0.money.isUsed)) }
        )
    }
}

extension KeyMeter {
    private typealias Budget = LimitRefusal.Budget

    /// Takes a reservation from all budgets, or from none.
    ///
    /// - Returns: the budget in which there is no room for it.
    private func takeBudgets(_ reservation: Reservation, _ limits: KeyLimits) -> LimitRefusal.Budget? {
        let budgets: InlineArray<4, Budget> = [.dailyTokens, .monthlyTokens, .dailyMoney, .monthlyMoney]
        for index in budgets.indices {
            let (size, limit) = (reservation[budgets[index]], limits[budgets[index]])
            let isTaken = with(budgets[index], of: reservation) { amount in
                amount.reserve(size, limit: limit)
                    || reserving.load(ordering: .relaxed) == 1 && amount.overdraw(size, limit: limit)
            }
            if isTaken { continue }
            for earlier in 0..<index {
                let size = reservation[budgets[earlier]]
                with(budgets[earlier], of: reservation) { $0.settle(reserved: size, used: 0) }
            }
            return budgets[index]
        }
        return nil
    }

    /// Hands what is held and used of a budget to `body`, in the reservation's period.
    private func with<Result>(
        _ budget: LimitRefusal.Budget, of reservation: Reservation, _ body: (borrowing Spending.Amount) -> Result
    ) -> Result {
        switch budget {
        case .dailyTokens: daily.withPeriod(reservation.day) { body($0.tokens) }
        case .monthlyTokens: monthly.withPeriod(reservation.month) { body($0.tokens) }
        case .dailyMoney: daily.withPeriod(reservation.day) { body($0.money) }
        case .monthlyMoney: monthly.withPeriod(reservation.month) { body($0.money) }
        }
    }
}

extension KeyMeter.Reservation {
    /// What it takes from a budget: tokens, or nanodollars.
    fileprivate subscript(budget: LimitRefusal.Budget) -> Int {
        switch budget {
        case .dailyTokens, .monthlyTokens: tokens
        case .dailyMoney, .monthlyMoney: cost.nanodollars
        }
    }
}

extension KeyLimits {
    /// A budget in tokens or nanodollars, when there is one.
    fileprivate subscript(budget: LimitRefusal.Budget) -> Int? {
        switch budget {
        case .dailyTokens: dailyTokens
        case .monthlyTokens: monthlyTokens
        case .dailyMoney: dailyMoney?.nanodollars
        case .monthlyMoney: monthlyMoney?.nanodollars
        }
    }
}

extension Spending.Period {
    /// Puts what was used in the place of what was reserved.
    fileprivate func settle(_ reservation: KeyMeter.Reservation, tokens used: Int, cost: Money) {
        tokens.settle(reserved: reservation.tokens, used: used)
        money.settle(reserved: reservation.cost.nanodollars, used: cost.nanodollars)
    }

    fileprivate func restore(_ used: Int, _ cost: Money) {
        tokens.settle(reserved: 0, used: used)
        money.settle(reserved: 0, used: cost.nanodollars)
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
