/// What a key may take; `nil` means no limit.
public struct KeyLimits: Sendable, Hashable {
    public var requestsPerMinute: Int?
    public var tokensPerMinute: Int?
    public var concurrentRequests: Int?
    public var dailyMoney: Money?
    public var monthlyMoney: Money?
    public var dailyTokens: Int?
    public var monthlyTokens: Int?

    public init() {}

    /// What counts of one kind may be: no limit is zero, which would be a key that nobody can use.
    public static let counts = 1...1_000_000_000
    public static let tokenBudgets = 1...1_000_000_000_000
    /// Budgets in dollars: from a millionth to a hundred million.
    public static let moneyBudgets = Money(nanodollars: 1000)...Money(nanodollars: 100_000_000 * 1_000_000_000)

    /// Whether it matters what requests cost.
    public var countMoney: Bool { dailyMoney != nil || monthlyMoney != nil }

    /// Whether it matters how many tokens a request may take.
    public var countTokens: Bool {
        tokensPerMinute != nil || dailyTokens != nil || monthlyTokens != nil || countMoney
    }
}
