import PolluxLimits
import Testing

@Suite("Limits: budgets")
struct BudgetTests {
    @Test("A hundred requests at once against a budget for ten: those that fit, and no more")
    func parallel() async throws {
        var key = Metered()
        key.limits.dailyTokens = 1000
        let metered = key
        let admitted = await withTaskGroup(of: Int.self) { group in
            for _ in 0..<100 { group.addTask { (try? metered.reserve(100).get()) == nil ? 0 : 1 } }
            return await group.reduce(0, +)
        }
        #expect(admitted == 10)
    }

    @Test("A request that may take more than is left is let in when it runs alone, so that one may go over")
    func lastOne() throws {
        var key = Metered()
        key.limits.dailyTokens = 1000
        try key.settle(key.reserve(900), tokens: 900)
        let last = key.reserve(500)
        #expect(key.reserve(50) == .failure(.budgetReserved(.dailyTokens)))
        try key.settle(last, tokens: 300)
        #expect(key.reserve(1) == .failure(.budgetExhausted(.dailyTokens, seconds: 12 * 3600)))
    }

    @Test("A request that does not fit beside others comes again when they are settled")
    func reserved() throws {
        var key = Metered()
        key.limits.dailyTokens = 1000
        let first = key.reserve(600)
        #expect(key.reserve(600) == .failure(.budgetReserved(.dailyTokens)))
        try key.settle(first, tokens: 10)
        try key.settle(key.reserve(600), tokens: 10)
        #expect(key.meter.spent(key.periods).day.tokens == 20)
    }

    @Test(
        "Each kind of budget is exhausted until its period ends",
        arguments: [
            (LimitRefusal.Budget.dailyMoney, 43_200), (.monthlyMoney, 129_600), (.dailyTokens, 43_200),
            (.monthlyTokens, 129_600),
        ])
    func kinds(budget: LimitRefusal.Budget, seconds: Int) throws {
        var key = Metered()
        let dollar = try #require(Money(dollars: "1"))
        switch budget {
        case .dailyMoney: key.limits.dailyMoney = dollar
        case .monthlyMoney: key.limits.monthlyMoney = dollar
        case .dailyTokens: key.limits.dailyTokens = 10
        case .monthlyTokens: key.limits.monthlyTokens = 10
        }
        try key.settle(key.reserve(10, cost: dollar), tokens: 10, cost: dollar)
        #expect(key.reserve(1, cost: Money(nanodollars: 1)) == .failure(.budgetExhausted(budget, seconds: seconds)))
        key.seconds += seconds
        try key.settle(key.reserve(1), tokens: 1)
    }

    @Test("A refusal takes nothing: not from the other budgets, and not from the minute's tokens")
    func refusalIsFree() throws {
        var key = Metered()
        key.limits.tokensPerMinute = 1000
        key.limits.dailyTokens = 1000
        key.limits.monthlyTokens = 100
        let first = key.reserve(60)
        #expect(key.reserve(60) == .failure(.budgetReserved(.monthlyTokens)))
        #expect(key.meter.tokenRate(key.limits, now: key.now)?.remaining == 940)
        try key.settle(first, tokens: 60)
        try key.settle(key.reserve(40), tokens: 40)
    }

    @Test("A clock that jumps by hours neither frees a budget nor blocks it for ever", arguments: [-13, -5, 5, 13])
    func jumps(hours: Int) throws {
        var key = Metered()
        key.limits.dailyTokens = 100
        try key.settle(key.reserve(100), tokens: 100)
        key.seconds += hours * 3600
        let isOtherDay = abs(hours) > 12
        #expect(((try? key.reserve(1).get()) != nil) == isOtherDay)
        key.seconds -= hours * 3600
        #expect((try? key.reserve(1).get()) == nil, "the day still knows what was spent in it")
        key.seconds += 24 * 3600
        #expect((try? key.reserve(1).get()) != nil)
    }

    @Test("What other processes spent counts")
    func restored() {
        var key = Metered()
        key.limits.dailyTokens = 100
        key.meter.restore(day: key.periods.day, tokens: 100, cost: .zero)
        #expect(key.reserve(1) == .failure(.budgetExhausted(.dailyTokens, seconds: 43_200)))
    }

    @Test("A budget that is set during the day knows what was spent before")
    func setLater() throws {
        var key = Metered()
        try key.settle(key.reserve(0), tokens: 500)
        key.limits.dailyTokens = 400
        #expect(key.reserve(1) == .failure(.budgetExhausted(.dailyTokens, seconds: 43_200)))
    }

    @Test("An answer that ends on the next day is paid by the day on which it began")
    func overMidnight() throws {
        var key = Metered()
        key.limits.dailyTokens = 100
        let late = key.reserve(50)
        key.seconds += 86_400
        try key.settle(late, tokens: 90)
        #expect(key.meter.spent(key.periods).day.tokens == 0)
        key.seconds -= 86_400
        #expect(key.meter.spent(key.periods).day.tokens == 90)
    }

    @Test(
        "Periods of the calendar, in UTC",
        arguments: [
            (0, 0, 1970 * 12, 86_400, 31 * 86_400), (1_795_953_600, 20_786, 2026 * 12 + 10, 43_200, 129_600),
            (951_782_400, 11_016, 2000 * 12 + 1, 86_400, 86_400), (-1, -1, 1969 * 12 + 11, 1, 1),
        ])
    func periods(seconds: Int, day: Int, month: Int, toNextDay: Int, toNextMonth: Int) {
        let periods = CalendarPeriods(seconds: seconds)
        #expect(periods.day == day)
        #expect(periods.month == month)
        #expect(periods.secondsToNextDay == toNextDay)
        #expect(periods.secondsToNextMonth == toNextMonth)
        let date = CalendarPeriods.date(ofDay: day)
        #expect(CalendarPeriods.day(year: date.year, month: date.month, day: date.day) == day)
    }

    @Test("Sums that fit into no number end no process, and leave nothing of the budget")
    func overflow() throws {
        var key = Metered()
        key.limits.dailyTokens = 1000
        for _ in 0..<3 { key.meter.restore(day: key.periods.day, tokens: .max, cost: Money(nanodollars: .max)) }
        #expect(key.reserve(1) == .failure(.budgetExhausted(.dailyTokens, seconds: 12 * 3600)))
        #expect(key.meter.spent(key.periods).day.cost == Money(nanodollars: .max))
        for _ in 0..<3 { key.meter.restore(month: key.periods.month, tokens: .min, cost: Money(nanodollars: .min)) }
        #expect(key.meter.spent(key.periods).month.tokens == .min)
    }
}
