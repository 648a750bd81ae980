public import PolluxLimits

/// A client's key: everything but its text, which nobody keeps.
public struct KeyRecord: Sendable, Hashable {
    /// Where keys are kept.
    public enum Source: String, Sendable { case store, configuration }

    public var source = Source.store
    public var id: Int64
    /// Unique, and for ever: what was used is told by it.
    public var name: String
    public var owner: String?
    /// SHA-256 of the key's text, 32 bytes.
    public var digest: [UInt8]
    /// The digest before the last rotation, while it is still taken.
    public var previousDigest: [UInt8]?
    /// Unix seconds.
    public var previousUntil: Int?
    /// Patterns with `*`; `nil`: every model.
    public var models: [String]?
    /// `nil`: every project.
    public var projects: [String]?
    public var limits: KeyLimits
    /// Unix seconds; 0 for a key of the configuration.
    public var created: Int
    public var expires: Int?
    public var revoked: Int?

    public enum State: String, Sendable, CaseIterable {
        case active, expired, revoked
    }

    public func state(at seconds: Int) -> State {
        if revoked != nil { return .revoked }
        return expires.map { $0 <= seconds } ?? false ? .expired : .active
    }
}

extension KeyRecord {
    /// A key of the configuration, as it is shown beside those of the store.
    public init(
        configured name: String, digest: [UInt8], models: [String]?, projects: [String]?, limits: KeyLimits
    ) {
        self.init(
            source: .configuration, id: 0, name: name, digest: digest, models: models, projects: projects,
            limits: limits, created: 0)
    }
}

/// What an operator asks for when a key is made or changed.
public struct KeyDraft: Sendable, Hashable {
    public var name: String
    public var owner: String?
    public var models: [String]?
    public var projects: [String]?
    public var limits = KeyLimits()
    /// Unix seconds.
    public var expires: Int?

    public init(name: String) { self.name = name }

    /// A key as it is.
    init(_ key: KeyRecord) {
        name = key.name
        owner = key.owner
        models = key.models
        projects = key.projects
        limits = key.limits
        expires = key.expires
    }

    private static let maximumOwner = 200
    private static let maximumPatterns = 100
    private static let maximumPattern = 200

    /// - Throws: the first thing that is wrong, by its name.
    public func check(now: Int) throws(StoreError) {
        guard Self.isName(name) else {
            throw .invalid(
                "name", "expected 1 to 63 letters, digits, '.', '_' or '-', beginning with a letter or digit")
        }
        if let owner, !Self.isText(owner, Self.maximumOwner) {
            throw .invalid(
                "owner", "expected at most \(Self.maximumOwner) characters, none of them a control character")
        }
        for (field, list) in [("models", models), ("projects", projects)] {
            guard let list else { continue }
            guard (1...Self.maximumPatterns).contains(list.count),
                list.allSatisfy({ Self.isText($0, Self.maximumPattern) && !$0.contains(" ") })
            else { throw .invalid(field, "expected 1 to \(Self.maximumPatterns) names without spaces") }
        }
        try checkLimits()
        if let expires, expires <= now { throw .invalid("expires", "is not in the future") }
    }

    private func checkLimits() throws(StoreError) {
        for (field, count) in [
            ("rpm", limits.requestsPerMinute), ("tpm", limits.tokensPerMinute),
            ("concurrent", limits.concurrentRequests),
        ] {
            if let count, !KeyLimits.counts.contains(count) { throw .outOfRange(field, KeyLimits.counts) }
        }
        for (field, count) in [
            ("budget_day_tokens", limits.dailyTokens), ("budget_month_tokens", limits.monthlyTokens),
        ] {
            if let count, !KeyLimits.tokenBudgets.contains(count) { throw .outOfRange(field, KeyLimits.tokenBudgets) }
        }
        for (field, amount) in [("budget_day", limits.dailyMoney), ("budget_month", limits.monthlyMoney)] {
            if let amount, !KeyLimits.moneyBudgets.contains(amount) {
                throw .outOfRange(field, KeyLimits.moneyBudgets)
            }
        }
    }

    /// The same names as in the configuration: they stand in logs and metrics.
    private static func isName(_ text: String) -> Bool {
        func isPlain(_ byte: UInt8) -> Bool {
            (byte | 0x20) &- UInt8(ascii: "a") < 26 || byte &- UInt8(ascii: "0") < 10
        }
        guard let first = text.utf8.first, isPlain(first), text.utf8.count <= 63 else { return false }
        return text.utf8.allSatisfy { isPlain($0) || "._-".utf8.contains($0) }
    }

    private static func isText(_ text: String, _ maximum: Int) -> Bool {
        !text.isEmpty && text.unicodeScalars.count <= maximum
            && text.unicodeScalars.allSatisfy { isPlain($0) }
    }

    private static func isPlain(_ character: Unicode.Scalar) -> Bool {
        switch character.properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator: false
        default: true
        }
    }
}
