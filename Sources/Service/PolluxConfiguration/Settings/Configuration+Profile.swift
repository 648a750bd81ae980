extension Configuration {
    /// A row for the table of model profiles (`00` § 5), as written.
    ///
    /// `nil` leaves a column as the table has it.
    public struct Profile: Sendable, Hashable {
        /// A bare model id; `*` stands for any characters. Case does not count.
        public var match: String
        public var think: Think?
        public var budget: Budget?
        /// The accepted thinking levels, lower-case, from least to most.
        public var levels: [String]?
        public var defaultThinking: DefaultThinking?
        /// Whether reasoning can be switched off.
        public var off: Bool?
        public var sampling: Sampling?
        /// Whether frequency and presence penalties are accepted.
        public var penalty: Bool?
        /// Whether `candidateCount` may exceed 1.
        public var candidates: Bool?
        /// Whether function calls and responses carry their ids.
        public var functionCallIDs: Bool?
        public var media: MediaResolution?
        /// Whether the conversation may end with a model turn.
        public var endModel: Bool?
        /// Whether built-in tools, functions and JSON output may be combined.
        public var combo: Bool?
        public var schemaMode: Backend.SchemaMode?

        /// How reasoning is controlled.
        public enum Think: String, Sendable, Hashable, CaseIterable {
            case none
            case budget
            case level
        }

        /// Tokens for reasoning, both ends included.
        public struct Budget: Sendable, Hashable {
            public var minimum: Int
            public var maximum: Int
        }

        /// What a model does when nothing is asked.
        public enum DefaultThinking: Sendable, Hashable {
            /// Not known here: the model's own.
            case model
            /// In tokens: -1 is dynamic, 0 is off.
            case budget(Int)
            case level(String)
        }

        /// What becomes of `temperature`, `topP` and `topK`.
        public enum Sampling: String, Sendable, Hashable, CaseIterable {
            case honoured = "true"
            case dropped = "false"
            /// Sent; after a 400 that names one of them, dropped and sent again once.
            case retried = "retry"
        }

        /// Where the media resolution is set.
        public enum MediaResolution: String, Sendable, Hashable, CaseIterable {
            case request
            case part
        }

        init(_ section: Section) {
            match = section.text("match", matching: .modelPattern) ?? ""
            think = section.optionalWord("think")
            levels = section.texts("levels", matching: .level)
            budget = Budget(section.section("budget"))
            defaultThinking = DefaultThinking(section, levels: levels)
            off = section.optionalBoolean("off")
            sampling = section.optionalWord("sampling")
            penalty = section.optionalBoolean("penalty")
            candidates = section.optionalBoolean("candidates")
            functionCallIDs = section.optionalBoolean("function_call_ids")
            media = section.optionalWord("media")
            endModel = section.optionalBoolean("end_model")
            combo = section.optionalBoolean("combo")
            schemaMode = section.optionalWord("schema_mode")
        }
    }
}

extension Configuration.Profile.Budget {
    /// `nil` unless written; both ends belong together.
    init?(_ section: Section) {
        guard section.has("min") || section.has("max") else { return nil }
        for name in ["min", "max"] where !section.has(name) { section.missing(name) }
        guard let minimum = section.optionalInteger("min"), let maximum = section.optionalInteger("max")
        else { return nil }
        if minimum > maximum { section.error("max", "must not be below min") }
        self.init(minimum: minimum, maximum: maximum)
    }
}

extension Configuration.Profile.DefaultThinking {
    /// The largest budget that can be written.
    private static let maximumBudget = 1_000_000

    /// `default`:
    ///
    ///     model      the model's own
    ///     dynamic    budget -1
    ///     off        budget 0
    ///     1024       this budget
    ///     low        this level; one of `levels` when those are written, too
    init?(_ section: Section, levels: [String]?) {
        guard let text = section.text("default") else { return nil }
        switch text {
        case "model": self = .model
        case "dynamic", "-1": self = .budget(-1)
        case "off": self = .budget(0)
        default:
            if let tokens = Units.number(text[...]) {
                if tokens > Self.maximumBudget {
                    section.error("default", "must be at most \(Self.maximumBudget)")
                }
                self = .budget(tokens)
                return
            }
            guard Pattern.level.matches(text), levels?.contains(text) ?? true else {
                section.error(
                    "default", "expected model, dynamic, off, a number of tokens or one of the levels"
                )
                return nil
            }
            self = .level(text)
        }
    }
}
