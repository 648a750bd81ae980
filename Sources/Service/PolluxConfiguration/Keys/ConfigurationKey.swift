/// One key of the configuration: what it is called, what it holds, what it means.
///
/// The table of all keys (`Configuration.keys`) is the only place that knows names, ranges and
/// defaults. The readers, the check for unknown keys, the environment variables and the document
/// all follow it.
public struct ConfigurationKey: Sendable, Hashable {
    /// The dotted path. `[]` stands for an element of a list, `*` for a name chosen by the operator:
    /// `backends[].kind`, `models.aliases.*.model`.
    public let path: String
    public let type: ValueType
    public let fallback: Fallback
    /// One sentence.
    public let meaning: String
    /// The rules of the specification that use the key.
    public let rules: [String]

    public init(
        _ path: String, _ type: ValueType, _ fallback: Fallback, _ meaning: String, _ rules: [String] = []
    ) {
        self.path = path
        self.type = type
        self.fallback = fallback
        self.meaning = meaning
        self.rules = rules
    }

    /// What holds when the key is not written.
    public enum Fallback: Sendable, Hashable {
        /// This text is read as if it had been written.
        case value(String)
        /// In words: the default depends on other keys, or is the absence of something.
        case words(String)
        /// The key must be written.
        case required
    }

    /// What a key holds.
    public enum ValueType: Sendable, Hashable {
        case text
        case boolean
        case integer(ClosedRange<Int>)
        /// 0...1
        case fraction
        case duration(ClosedRange<Duration>)
        /// Bytes.
        case size(ClosedRange<Int>)
        /// One of these words.
        case word([String])
        /// `http://…` or `https://…`, with a host and without user information.
        case url
        /// `env:NAME`, `file:/path`, or the secret itself (with a warning).
        case secret
        case texts
        /// A list of mappings, whose keys have rows of their own.
        case list
        /// The same, where a mapping with nothing but a `name` may be written as that name.
        case namedList
        /// A mapping from names to mappings, whose keys have rows of their own.
        case mapping

        /// The words of an enum.
        static func word<Words: RawRepresentable & CaseIterable>(of words: Words.Type) -> Self
        where Words.RawValue == String {
            .word(words.allCases.map(\.rawValue))
        }
    }
}

extension ConfigurationKey {
    /// The default as an operator reads it.
    public var defaultText: String {
        switch fallback {
        case .value(let text), .words(let text): text
        case .required: "required"
        }
    }

    /// Whether the key stands inside a list or a mapping with chosen names.
    public var isNested: Bool { path.contains("[]") || path.contains("*") }

    /// `POLLUX_` and the path in capitals, `_` for `.`; `nil` inside lists and mappings, which are
    /// set as a whole.
    public var environmentVariable: String? {
        isNested
            ? nil : EnvironmentSource.prefix + path.uppercased().map { $0 == "." ? "_" : String($0) }.joined()
    }
}

extension ConfigurationKey.ValueType {
    /// What an error asks for: `a duration with a unit, such as 500ms or 15s (1ms–24h)`.
    var expectation: String {
        switch self {
        case .text: "a text"
        case .boolean: "true or false"
        case .integer(let range): "a whole number from \(range.lowerBound) to \(range.upperBound)"
        case .fraction: "a number from 0 to 1"
        case .duration(let range):
            "a duration with a unit, such as 500ms, 15s or 10m, "
                + "from \(Units.text(range.lowerBound)) to \(Units.text(range.upperBound))"
        case .size(let range):
            "a number of bytes, or one with KiB, MiB or GiB, "
                + "from \(Units.text(bytes: range.lowerBound)) to \(Units.text(bytes: range.upperBound))"
        case .word(let words): words.dropLast().joined(separator: ", ") + " or " + (words.last ?? "")
        case .url: "an http or https URL"
        case .secret: "env:NAME or file:/path"
        case .texts: "a list of texts"
        case .list: "a list"
        case .namedList: "a list of names or mappings"
        case .mapping: "a mapping"
        }
    }

    /// The type as an operator reads it: `duration (1s–24h)`.
    public var description: String {
        switch self {
        case .text: "text"
        case .boolean: "`true`, `false`"
        case .integer(let range): "integer (\(range.lowerBound)–\(range.upperBound))"
        case .fraction: "number (0–1)"
        case .duration(let range):
            "duration (\(Units.text(range.lowerBound))–\(Units.text(range.upperBound)))"
        case .size(let range):
            "size (\(Units.text(bytes: range.lowerBound))–\(Units.text(bytes: range.upperBound)))"
        case .word(let words): words.map { "`\($0)`" }.joined(separator: ", ")
        case .url: "URL"
        case .secret: "secret"
        case .texts: "list of texts"
        case .list: "list"
        case .namedList: "list of names or mappings"
        case .mapping: "mapping"
        }
    }
}
