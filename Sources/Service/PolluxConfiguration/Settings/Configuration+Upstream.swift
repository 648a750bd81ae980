public import PolluxLimits

extension Configuration {
    /// How long and how often Pollux asks (`05` § 5).
    public struct Upstream: Sendable, Hashable {
        /// Until the head of a response; for a whole one, until its end (ERR-026).
        public var timeout: Duration
        public var connectTimeout: Duration
        /// Until the head of a response; of a stream, until its first event. `nil`: `timeout` alone counts.
        public var firstByteTimeout: Duration?
        /// Attempts after the first (ERR-050).
        public var maxRetries: Int
        public var retry429: Bool
        /// Second tries of the whole process, in percent of its requests.
        public var retryBudget: Int
        /// Tokens that hedges may cost in an hour; 0: there are none.
        public var hedgeTokensPerHour: Int
        /// Names of client headers, lower-case (AUTH-007).
        public var forwardHeaders: [String]
        /// A file of certificate authorities that are trusted beside the system's.
        public var caFile: String?
        public var maxConnectionAge: Duration
        /// Replaces scheme, host and port of every Google backend that has none of its own (HOST-006).
        public var baseURL: BaseURL?

        init(_ section: Section) {
            timeout = section.duration("timeout")
            connectTimeout = section.duration("connect_timeout")
            firstByteTimeout = section.optionalDuration("first_byte_timeout")
            maxRetries = section.integer("max_retries")
            retry429 = section.boolean("retry_429")
            retryBudget = section.integer("retry_budget")
            hedgeTokensPerHour = section.integer("hedge_tokens_per_hour")
            forwardHeaders = (section.texts("forward_headers", matching: .headerName) ?? []).map {
                $0.lowercased()
            }
            caFile = section.text("ca_file")
            maxConnectionAge = section.duration("max_connection_age")
            baseURL = section.baseURL("base_url", takesPath: false)
        }
    }

    /// How streams are kept open (STREAM-006, STREAM-011).
    public struct Stream: Sendable, Hashable {
        public var keepalive: Duration
        public var idleTimeout: Duration

        init(_ section: Section) {
            keepalive = section.duration("keepalive")
            idleTimeout = section.duration("idle_timeout")
        }
    }

    /// The form of error bodies (ERR-002).
    public struct Errors: Sendable, Hashable {
        public var googleListWrapper: Bool

        init(_ section: Section) {
            googleListWrapper = section.boolean("google_list_wrapper")
        }
    }

    /// How tokens are counted (USE-002).
    public struct Usage: Sendable, Hashable {
        public var mode: Mode
        /// The shipped table, with the rows of the operator's file before it.
        public var prices: PriceTable
        /// What becomes of requests whose price nobody knows, of keys that have a budget in dollars.
        public var unpriced: Unpriced

        public enum Unpriced: String, Sendable, Hashable, CaseIterable {
            /// They cost nothing.
            case free
            case refuse
        }

        public enum Mode: String, Sendable, Hashable, CaseIterable {
            /// Thoughts count as completion.
            case openAI = "openai"
            case google
        }

        init(_ section: Section) {
            mode = section.word("mode", fallback: .openAI)
            prices = section.prices("prices")
            unpriced = section.word("unpriced", fallback: .free)
        }
    }
}
