import PolluxJSON

/// What must be so in an observation.
///
///     {"at": PATH, "is": VALUE}               the same value; numbers by their value, members in any order
///     {"at": PATH, "one_of": [VALUE, …]}
///     {"at": PATH, "exists": true}            there, and not null; or with false: missing, or null
///     {"at": PATH, "contains": VALUE}         a text with this part, or a list with this element
///     {"at": PATH, "lacks": VALUE}            the opposite; also so when there is nothing
///     {"at": PATH, "count": 2}                elements of a list, or members of an object
///     {"at": PATH, "between": [400, 499]}
struct Expectation: Sendable {
    enum Test: Sendable {
        case equals(JSONValue)
        case oneOf([JSONValue])
        case exists(Bool)
        case contains(JSONValue)
        case lacks(JSONValue)
        case count(Int)
        case between(Double, Double)
    }

    let path: ValuePath
    let test: Test

    init(_ json: JSONValue) throws(CaseError) {
        guard let text = json["at"]?.text, let path = ValuePath(text) else {
            throw CaseError("an expectation without 'at'")
        }
        self.path = path
        if let value = json["is"] {
            test = .equals(value)
        } else if let values = json["one_of"]?.elements {
            test = .oneOf(values)
        } else if case .boolean(let exists)? = json["exists"] {
            test = .exists(exists)
        } else if let value = json["contains"] {
            test = .contains(value)
        } else if let value = json["lacks"] {
            test = .lacks(value)
        } else if let count = json["count"]?.integer {
            test = .count(count)
        } else if let bounds = json["between"]?.elements, bounds.count == 2, let low = bounds[0].decimal,
            let high = bounds[1].decimal
        {
            test = .between(low, high)
        } else {
            throw CaseError("an expectation at '\(text)' without a test")
        }
    }

    /// What is wrong, or `nil` when it is so.
    ///
    /// - Parameter captured: values of earlier steps, for texts such as `$call_id`.
    func failure(in observation: JSONValue, captured: [String: JSONValue]) -> String? {
        let value = path.value(in: observation)
        func wanted(_ value: JSONValue) -> JSONValue { value.substituting(captured) }
        let isRight: Bool
        let what: String
        switch test {
        case .equals(let expected):
            isRight = value.map { $0.means(wanted(expected)) } ?? false
            what = "expected \(Self.short(wanted(expected)))"
        case .oneOf(let allowed):
            isRight = allowed.contains { value?.means(wanted($0)) ?? ($0 == .null) }
            what = "expected one of \(Self.short(.array(allowed)))"
        case .exists(let exists):
            isRight = (value != nil && value != .null) == exists
            what = exists ? "expected something" : "expected nothing"
        case .contains(let part):
            isRight = value?.holds(wanted(part)) ?? false
            what = "expected \(Self.short(wanted(part))) in it"
        case .lacks(let part):
            isRight = !(value?.holds(wanted(part)) ?? false)
            what = "expected no \(Self.short(wanted(part))) in it"
        case .count(let count):
            isRight = value?.count == count
            what = "expected \(count) of them"
        case .between(let low, let high):
            isRight = value?.decimal.map { low <= $0 && $0 <= high } ?? false
            what = "expected \(low) to \(high)"
        }
        return isRight ? nil : "\(path): \(what), got \(value.map(Self.short) ?? "nothing")"
    }

    private static func short(_ value: JSONValue) -> String {
        let text = String(decoding: value.bytes, as: UTF8.self)
        return text.count <= 160 ? text : text.prefix(160) + "…"
    }
}

extension JSONValue {
    /// Equal in meaning: `1.0` is `1`, and the order of members does not count.
    func means(_ other: JSONValue) -> Bool {
        switch (self, other) {
        case (.number(let one), .number(let two)): one == two || Double(one) == Double(two)
        case (.array(let one), .array(let two)):
            one.count == two.count && zip(one, two).allSatisfy { $0.means($1) }
        case (.object(let one), .object(let two)):
            one.count == two.count
                && one.allSatisfy { member in other[member.name].map { member.value.means($0) } ?? false }
        default: self == other
        }
    }

    /// A text with this part, a list with this element.
    func holds(_ part: JSONValue) -> Bool {
        switch (self, part) {
        case (.string(let text), .string(let part)): text.contains(part)
        case (.array(let elements), _): elements.contains { $0.means(part) }
        case (.object, .string(let name)): self[name] != nil
        default: false
        }
    }

    var count: Int? {
        switch self {
        case .array(let elements): elements.count
        case .object(let members): members.count
        default: nil
        }
    }

    /// The same with each text `$name` replaced by what was captured under that name.
    func substituting(_ captured: [String: JSONValue]) -> JSONValue {
        switch self {
        case .string(let text) where text.hasPrefix("$"): captured[String(text.dropFirst())] ?? self
        case .array(let values): .array(values.map { $0.substituting(captured) })
        case .object(let members):
            .object(members.map { JSONValue.Member($0.name, $0.value.substituting(captured)) })
        default: self
        }
    }
}
