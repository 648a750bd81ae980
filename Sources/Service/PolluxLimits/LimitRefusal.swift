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
}
