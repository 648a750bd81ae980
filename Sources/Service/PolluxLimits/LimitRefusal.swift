/// Why a request was not let in, with what the client must know to come again.
public enum LimitRefusal: Error, Sendable, Hashable {
    /// So many requests a minute, and the next one is due after so many nanoseconds.
    case requestsPerMinute(limit: Int, nanoseconds: Int64)
    case tokensPerMinute(limit: Int, requested: Int, nanoseconds: Int64)
    case concurrentRequests(limit: Int)
    /// The budget is used up, until the period ends.
    case budgetExhausted(Budget, seconds: Int)
    /// Requests that are running may use up what is left of the budget.
    case budgetReserved(Budget)

    /// One of a key's budgets.
    public enum Budget: String, Sendable, Hashable, CaseIterable {
        case dailyMoney = "daily budget"
        case monthlyMoney = "monthly budget"
        case dailyTokens = "daily token budget"
        case monthlyTokens = "monthly token budget"
    }

    /// The limit in a word, for metrics: one of ``words``.
    public var word: String {
        switch self {
        case .requestsPerMinute: "requests_per_minute"
        case .tokensPerMinute: "tokens_per_minute"
        case .concurrentRequests: "concurrent_requests"
        case .budgetExhausted(let budget, _): budget.word
        case .budgetReserved(let budget): budget.word + "_reserved"
        }
    }

    /// Every ``word`` that there is.
    public static let words =
        ["requests_per_minute", "tokens_per_minute", "concurrent_requests"]
        + Budget.allCases.flatMap { [$0.word, $0.word + "_reserved"] }
}

extension LimitRefusal.Budget {
    fileprivate var word: String {
        switch self {
        case .dailyMoney: "budget_day"
        case .monthlyMoney: "budget_month"
        case .dailyTokens: "budget_day_tokens"
        case .monthlyTokens: "budget_month_tokens"
        }
    }
}
