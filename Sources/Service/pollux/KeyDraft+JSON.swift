import PolluxJSON
import PolluxLimits
import PolluxStore

/// What the admin listener is asked to make of a key. Names are those of a key that is shown; money is dollars as a
/// number or a text, `expires` a date or a length of time.
extension KeyDraft {
    private static let members = [
        "owner", "models", "projects", "rpm", "tpm", "concurrent", "budget_day", "budget_month", "budget_day_tokens",
        "budget_month_tokens", "expires",
    ]

    /// A new key.
    init(json body: [UInt8]) throws(StoreError) {
        let members = try JSONMembers(body, allowed: ["name"] + Self.members)
        guard let name = try members.text("name") else { throw .invalid("name", "is missing") }
        self.init(name: name)
        try take(members)
    }

    /// Changes what is named; `null` takes it away.
    mutating func change(json body: [UInt8]) throws(StoreError) {
        let members = try JSONMembers(body, allowed: Self.members)
        if members.isEmpty { throw .invalid("body", "names nothing that is to be changed") }
        try take(members)
    }

    private mutating func take(_ members: JSONMembers) throws(StoreError) {
        if members.has("owner") { owner = try members.text("owner") }
        if members.has("models") { models = try members.texts("models") }
        if members.has("projects") { projects = try members.texts("projects") }
        if members.has("rpm") { limits.requestsPerMinute = try members.integer("rpm") }
        if members.has("tpm") { limits.tokensPerMinute = try members.integer("tpm") }
        if members.has("concurrent") { limits.concurrentRequests = try members.integer("concurrent") }
        if members.has("budget_day") { limits.dailyMoney = try members.money("budget_day") }
        if members.has("budget_month") { limits.monthlyMoney = try members.money("budget_month") }
        if members.has("budget_day_tokens") { limits.dailyTokens = try members.integer("budget_day_tokens") }
        if members.has("budget_month_tokens") { limits.monthlyTokens = try members.integer("budget_month_tokens") }
        if members.has("expires") { expires = try Self.end(members) }
    }

    private static func end(_ members: JSONMembers) throws(StoreError) -> Int? {
        if let day = try members.text("expires").flatMap(UsageDate.day) { return (day + 1) * 86_400 }
        let seconds = try members.seconds("expires", CommandValue.expectedMoment)
        return seconds.map { ProcessEnvironment.now + $0 }
    }
}

/// The members of a small JSON object that somebody sent; what is of another type, stands twice, or is not known, is
/// named.
struct JSONMembers {
    private let object: JSONValue
    private let names: Set<String>

    /// - Parameter body: nothing at all counts as an object without members.
    init(_ body: [UInt8], allowed: [String] = []) throws(StoreError) {
        guard let value = body.isEmpty ? .object([]) : JSONValue(parsing: body.span), case .object(let members) = value
        else { throw .invalid("body", "expected a JSON object") }
        var names: Set<String> = []
        for member in members {
            let name = String(member.name.prefix(64))
            guard allowed.contains(member.name) else { throw .invalid(name, Self.unknown(allowed)) }
            guard names.insert(member.name).inserted else { throw .invalid(name, "stands twice") }
        }
        object = value
        self.names = names
    }

    private static func unknown(_ allowed: [String]) -> String {
        "is not known; expected \(allowed.isEmpty ? "nothing" : "some of \(allowed.joined(separator: ", "))")"
    }

    var isEmpty: Bool { names.isEmpty }

    /// Whether it is there, if only as `null`.
    func has(_ name: String) -> Bool { names.contains(name) }

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
