import PolluxLimits

/// Typed reading. Each type has an `optional…` form, for keys whose default is an absence, and one
/// that gives the default of the table.
extension Section {
    func text(_ name: String, matching pattern: Pattern? = nil) -> String? {
        guard let text = written(name)?.text ?? fallback(name) else { return nil }
        guard !text.isEmpty, pattern?.matches(text) ?? true else {
            // The text is not repeated: it may be a secret in the wrong place.
            error(name, "expected \(pattern?.expectation ?? "a text that is not empty")")
            return nil
        }
        return text
    }

    /// `nil` when the list is not written. A written list must not be empty where its absence means
    /// "any".
    func texts(_ name: String, matching pattern: Pattern? = nil) -> [String]? {
        guard let value = value?.entry(name)?.value, case .list(let elements) = value.content else {
            return nil
        }
        if elements.isEmpty, case .words("any") = row(name)?.fallback {
            error(name, "must not be empty; leave the key out to allow any")
        }
        return elements.enumerated().compactMap { index, element in
            guard case .scalar(let text, _) = element.content else { return nil }
            guard !text.isEmpty, pattern?.matches(text) ?? true else {
                context.diagnostics.error(
                    "expected \(pattern?.expectation ?? "a text that is not empty")",
                    key: "\(KeyTable.join(path, name))[\(index)]", at: element.location
                )
                return nil
            }
            return text
        }
    }

    func optionalBoolean(_ name: String) -> Bool? {
        scalar(name) { text in
            switch text {
            case "true": true
            case "false": false
            default: nil
            }
        }
    }

    func boolean(_ name: String) -> Bool { optionalBoolean(name) ?? false }

    func optionalInteger(_ name: String) -> Int? {
        guard case .integer(let range) = row(name)?.type else { return untabled(name) }
        return scalar(name, in: range) { Units.number($0[...]) }
    }

    /// The lower bound stands in for a value that was reported.
    func integer(_ name: String) -> Int {
        guard case .integer(let range) = row(name)?.type else { return untabled(name) ?? 0 }
        return optionalInteger(name) ?? range.lowerBound
    }

    func fraction(_ name: String) -> Double {
        guard case .fraction = row(name)?.type else { return untabled(name) ?? 0 }
        return scalar(name, in: 0...1) { Units.fraction($0) } ?? 0
    }

    func size(_ name: String) -> Int {
        guard case .size(let range) = row(name)?.type else { return untabled(name) ?? 0 }
        return scalar(name, in: range) { Units.bytes($0) } ?? range.lowerBound
    }

    func optionalDuration(_ name: String) -> Duration? {
        guard case .duration(let range) = row(name)?.type else { return untabled(name) }
        return scalar(name, in: range) { Units.duration($0) }
    }

    /// The lower bound stands in for a value that was reported.
    func duration(_ name: String) -> Duration {
        guard case .duration(let range) = row(name)?.type else { return untabled(name) ?? .zero }
        return optionalDuration(name) ?? range.lowerBound
    }

    func optionalWord<Words: RawRepresentable & CaseIterable>(_ name: String) -> Words?
    where Words.RawValue == String {
        scalar(name) { Words(rawValue: $0) }
    }

    func word<Words: RawRepresentable & CaseIterable>(_ name: String, fallback: Words) -> Words
    where Words.RawValue == String {
        optionalWord(name) ?? fallback
    }

    /// An amount of money within what a budget may be.
    func dollars(_ name: String) -> Money? {
        guard let text = text(name) else { return nil }
        guard let amount = Money(dollars: text), KeyLimits.moneyBudgets.contains(amount) else {
            let range = KeyLimits.moneyBudgets
            error(name, "expected dollars, such as 12.50, from \(range.lowerBound) to \(range.upperBound)")
            return nil
        }
        return amount
    }

    /// The bytes of 64 hexadecimal digits.
    func digest(_ name: String) -> [UInt8]? {
        guard let text = written(name)?.text else { return nil }
        let digits = text.utf8.compactMap { Character(Unicode.Scalar($0)).hexDigitValue.map(UInt8.init) }
        guard text.utf8.count == 64, digits.count == 64 else {
            error(name, "expected a SHA-256 digest: 64 hexadecimal digits")
            return nil
        }
        let bytes = stride(from: 0, to: 64, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
        guard bytes != Self.digestOfNothing else {
            error(name, "is the digest of an empty text, which is no key")
            return nil
        }
        return bytes
    }

    /// SHA-256 of no bytes: what `printf "" | sha256sum` gives when a variable was not set.
    private static let digestOfNothing: [UInt8] = [
        0xE3, 0xB0, 0xC4, 0x42, 0x98, 0xFC, 0x1C, 0x14, 0x9A, 0xFB, 0xF4, 0xC8, 0x99, 0x6F, 0xB9, 0x24,
        0x27, 0xAE, 0x41, 0xE4, 0x64, 0x9B, 0x93, 0x4C, 0xA4, 0x95, 0x99, 0x1B, 0x78, 0x52, 0xB8, 0x55,
    ]

    /// `takesPath`: whether a path in the URL means something.
    func baseURL(_ name: String, takesPath: Bool) -> BaseURL? {
        guard let text = written(name)?.text else { return nil }
        do {
            let url = try BaseURL(text)
            if !takesPath, !url.path.isEmpty {
                error(name, "must not have a path: it replaces scheme, host and port only")
            }
            return url
        } catch {
            self.error(name, error.rawValue)
            return nil
        }
    }
}

extension Section {
    private func row(_ name: String) -> ConfigurationKey? { context.table[pattern, name] }

    /// A key without a row of the right type: a mistake in the table, which the tests would meet.
    private func untabled<Value>(_ name: String) -> Value? {
        error(name, "is not in the table of keys")
        return nil
    }

    /// The single value as written. Reports its absence when the table requires it.
    func written(_ name: String) -> (text: String, isQuoted: Bool)? {
        switch value?.entry(name)?.value.content {
        case .scalar(let text, let isQuoted): return (text, isQuoted)
        case nil where row(name)?.fallback == .required: missing(name)
        default: break
        }
        return nil
    }

    private func fallback(_ name: String) -> String? {
        if case .value(let text) = row(name)?.fallback, !has(name) { text } else { nil }
    }

    private func scalar<Value>(_ name: String, _ parse: (String) -> Value?) -> Value? {
        guard let (text, isQuoted) = written(name) else { return fallback(name).flatMap(parse) }
        let expected = row(name)?.type.expectation ?? "another value"
        // A word may be quoted; a number or truth value in quotes is a text.
        if isQuoted, let type = row(name)?.type, !type.isText {
            error(name, "expected \(expected), found a text in quotes")
            return nil
        }
        guard let value = parse(text) else {
            error(name, "expected \(expected)\(Self.found(text))")
            return nil
        }
        return value
    }

    private func scalar<Value: Comparable>(
        _ name: String, in range: ClosedRange<Value>, _ parse: (String) -> Value?
    ) -> Value? {
        guard let value = scalar(name, parse) else { return nil }
        guard range.contains(value) else {
            error(name, "is out of range: expected \(row(name)?.type.expectation ?? "another value")")
            return nil
        }
        return value
    }

    /// What is longer may be a secret in the wrong place, and is not repeated.
    private static let maximumRepeated = 20

    private static func found(_ text: String) -> String {
        let isShown = text.utf8.count <= maximumRepeated && text.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F }
        return isShown ? ", found '\(text)'" : ""
    }
}

extension ConfigurationKey.ValueType {
    /// Whether quotes around a value are right. Durations and sizes are often quoted, like words.
    fileprivate var isText: Bool {
        switch self {
        case .boolean, .integer, .fraction: false
        default: true
        }
    }
}
