extension Configuration {
    /// Where thought text goes (THINK-033).
    public struct Thoughts: Sendable, Hashable {
        public var delivery: Delivery

        public enum Delivery: String, Sendable, Hashable, CaseIterable {
            case content
            case reasoningContent = "reasoning_content"
        }

        init(_ section: Section) {
            delivery = section.word("delivery", fallback: .content)
        }
    }

    /// How strictly `reasoning_effort` is taken (`08` § 1).
    public struct Thinking: Sendable, Hashable {
        public var strictNone: Bool
        public var mergeConfig: Bool

        init(_ section: Section) {
            strictNone = section.boolean("strict_none")
            mergeConfig = section.boolean("merge_config")
        }
    }

    /// Thought signatures remembered for clients that drop them (SIG-010).
    public struct SignatureCache: Sendable, Hashable {
        public var enabled: Bool
        public var maxBytes: Int
        /// After the last use.
        public var ttl: Duration

        init(_ section: Section) {
            enabled = section.boolean("enabled")
            maxBytes = section.size("max_bytes")
            ttl = section.duration("ttl")
        }
    }

    /// What happens to a conversation that the API would refuse.
    public struct History: Sendable, Hashable {
        public var repair: Bool

        init(_ section: Section) {
            repair = section.boolean("repair")
        }
    }

    /// What happens to a last assistant message where the model refuses one (MSG-022).
    public enum TrailingAssistant: String, Sendable, Hashable, CaseIterable {
        case `continue`
        case error
    }
}
