import ArgumentParser
import PolluxLimits
import PolluxStore

/// What may be said of a key, when it is made and when it is changed.
struct KeyOptions: ParsableArguments {
    @Option(help: "Whose it is, in your own words.")
    var owner: String?

    @Option(name: .customLong("model"), help: "A model it may use; '*' stands for any characters. Repeat for more.")
    var models: [String] = []

    @Option(name: .customLong("project"), help: "A project it may name. Repeat for more.")
    var projects: [String] = []

    @Option(help: "Requests per minute.")
    var rpm: Int?

    @Option(help: "Tokens per minute.")
    var tpm: Int?

    @Option(help: "Requests at a time.")
    var concurrent: Int?

    @Option(help: "Dollars a day (UTC).")
    var budgetDay: String?

    @Option(help: "Dollars a month (UTC).")
    var budgetMonth: String?

    @Option(help: "Tokens a day (UTC).")
    var budgetDayTokens: Int?

    @Option(help: "Tokens a month (UTC).")
    var budgetMonthTokens: Int?

    @Option(help: "The last day on which it is taken, such as 2026-12-31, or for how long: 12h, 30d.")
    var expires: String?

    /// What was said, and nothing else.
    ///
    /// - Throws: what cannot be, by its option, with the command's usage.
    func draft(of name: String, now: Int) throws -> KeyDraft {
        var draft = KeyDraft(name: name)
        draft.owner = owner
        draft.models = models.isEmpty ? nil : models
        draft.projects = projects.isEmpty ? nil : projects
        draft.limits.requestsPerMinute = rpm
        draft.limits.tokensPerMinute = tpm
        draft.limits.concurrentRequests = concurrent
        draft.limits.dailyMoney = try CommandValue.money(budgetDay, option: "budget-day")
        draft.limits.monthlyMoney = try CommandValue.money(budgetMonth, option: "budget-month")
        draft.limits.dailyTokens = budgetDayTokens
        draft.limits.monthlyTokens = budgetMonthTokens
        draft.expires = try expires.map { try CommandValue.moment($0, option: "expires", now: now) }
        do throws(StoreError) {
            try draft.check(now: now)
        } catch .invalid(let field, let reason) {
            throw ValidationError("\(Self.option(of: field)): \(reason)")
        }
        return draft
    }

    private static func option(of field: String) -> String {
        switch field {
        case "name": field
        case "models", "projects": "--\(field.dropLast())"
        default: "--\(field.replacing("_", with: "-"))"
        }
    }
}

extension KeyDraft {
    /// Takes what is said in another one; the rest stays.
    mutating func adopt(_ said: KeyDraft) {
        owner = said.owner ?? owner
        models = said.models ?? models
        projects = said.projects ?? projects
        limits.requestsPerMinute = said.limits.requestsPerMinute ?? limits.requestsPerMinute
        limits.tokensPerMinute = said.limits.tokensPerMinute ?? limits.tokensPerMinute
        limits.concurrentRequests = said.limits.concurrentRequests ?? limits.concurrentRequests
        limits.dailyMoney = said.limits.dailyMoney ?? limits.dailyMoney
        limits.monthlyMoney = said.limits.monthlyMoney ?? limits.monthlyMoney
        limits.dailyTokens = said.limits.dailyTokens ?? limits.dailyTokens
        limits.monthlyTokens = said.limits.monthlyTokens ?? limits.monthlyTokens
        expires = said.expires ?? expires
    }
}

/// What may be taken away from a key, by the name of its option.
enum KeyMember: String, CaseIterable, ExpressibleByArgument, Sendable {
    case owner, model, project, rpm, tpm, concurrent, expires
    case budgetDay = "budget-day"
    case budgetMonth = "budget-month"
    case budgetDayTokens = "budget-day-tokens"
    case budgetMonthTokens = "budget-month-tokens"

    func remove(from draft: inout KeyDraft) {
        switch self {
        case .owner: draft.owner = nil
        case .model: draft.models = nil
        case .project: draft.projects = nil
        case .rpm: draft.limits.requestsPerMinute = nil
        case .tpm: draft.limits.tokensPerMinute = nil
        case .concurrent: draft.limits.concurrentRequests = nil
        case .expires: draft.expires = nil
        case .budgetDay: draft.limits.dailyMoney = nil
        case .budgetMonth: draft.limits.monthlyMoney = nil
        case .budgetDayTokens: draft.limits.dailyTokens = nil
        case .budgetMonthTokens: draft.limits.monthlyTokens = nil
        }
    }
}
