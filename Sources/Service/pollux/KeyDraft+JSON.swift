import PolluxJSON
import PolluxLimits
import PolluxStore

extension KeyDraft {
    /// Reads what the admin listener is asked to make. Names are those of a key that is shown; money is dollars as a
    /// number or a text, `expires` a date or a length of time.
    init(json body: [UInt8]) throws(StoreError) {
        let members = try JSONMembers(
            body,
            allowed: [
                "name", "owner", "models", "projects", "rpm", "tpm", "concurrent", "budget_day", "budget_month",
                "budget_day_tokens", "budget_month_tokens", "expires",
            ]
        )
        guard let name = try members.text("name") else { throw .invalid("name", "is missing") }
        self.init(name: name)
        owner = try members.text("owner")
        models = try members.texts("models")
        projects = try members.texts("projects")
        limits.requestsPerMinute = try members.integer("rpm")
        limits.tokensPerMinute = try members.integer("tpm")
        limits.concurrentRequests = try members.integer("concurrent")
        limits.dailyMoney = try members.money("budget_day")
        limits.monthlyMoney = try members.money("budget_month")
        limits.dailyTokens = try members.integer("budget_day_tokens")
        limits.monthlyTokens = try members.integer("budget_month_tokens")
        if let text = try members.text("expires"), let day = UsageDate.day(text) {
            expires = (day + 1) * 86_400
        } else {
            let seconds = try members.seconds("expires", CommandValue.expectedMoment)
            expires = seconds.map { ProcessEnvironment.now + $0 }
        }
    }
}

/// The members of a small JSON object that somebody sent; what is of another type, or not known, is named.
struct JSONMembers {
    private let object: JSONValue

    /// - Parameter body: nothing at all counts as an object without members.
    init(_ body: [UInt8], allowed: [String]) throws(StoreError) {
        guard let value = body.isEmpty ? .object([]) : JSONValue(parsing: body.span), case .object(let members) = value
        else { throw .invalid("body", "expected a JSON object") }
        for member in members where !allowed.contains(member.name) {
            throw .invalid(
                String(member.name.prefix(64)), "is not known; expected some of \(allowed.joined(separator: ", "))")
        }
        object = value
    }

    private func value(_ name: String) -> JSONValue? { object[name] == .null ? nil : object[name] }

    func text(_ name: String) throws(StoreError) -> String? {
        guard let value = value(name) else { return nil }
        guard let text = value.text else { throw .invalid(name, "expected a text") }
        return text
    }

    func texts(_ name: String) throws(StoreError) -> [String]? {
        guard let value = value(name) else { return nil }
        guard let elements = value.elements, elements.allSatisfy({ $0.text != nil }) else {
            throw .invalid(name, "expected a list of texts")
        }
        return elements.compactMap(\.text)
    }

    func integer(_ name: String) throws(StoreError) -> Int? {
        guard let value = value(name) else { return nil }
        guard let number = value.integer else { throw .invalid(name, "expected a whole number") }
        return number
    }

    func money(_ name: String) throws(StoreError) -> Money? {
        guard let value = value(name) else { return nil }
        let text: String?
        if case .number(let digits) = value { text = digits } else { text = value.text }
        guard let money = text.flatMap({ Money(dollars: $0) }) else {
            throw .invalid(name, "expected dollars, such as 12.50")
        }
        return money
    }

    /// A length of time: `10m`, `12h`, `30d`.
    func seconds(_ name: String, _ expected: String) throws(StoreError) -> Int? {
        guard let text = try text(name) else { return nil }
        guard let seconds = CommandValue.seconds(text) else { throw .invalid(name, expected) }
        return seconds
    }
}
