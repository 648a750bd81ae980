/// What is known of one request when it is over: one record each, whoever reads it.
///
/// It holds no content and no secret, so that all of it may stand in a log, a trace, a row or a page (CRED-010).
public struct RequestRecord: Sendable {
    /// What was asked for.
    public enum Operation: String, Sendable, CaseIterable {
        case chat, embeddings, models, health
        /// It was refused before that was known.
        case unknown
    }

    /// Letters, digits, and `.`, `_`, `-` (GEN-009).
    public var requestID = ""
    public var method = ""
    /// Without the query, which may hold a key (AUTH-004).
    public var path = ""
    public var operation = Operation.unknown
    public var status = 0
    /// The name of the client's key, or of the way in which it came.
    public var client = ""
    /// The model as the upstream calls it; empty when no route was found.
    public var model = ""
    public var backend = ""
    /// Empty where the backend has none.
    public var location = ""
    public var isStream = false
    public var tokens = TokenCounts()
    /// Nobody counted: the tokens are those that the client's key pays for, by the lengths of prompt and answer.
    public var areTokensEstimated = false
    /// What the tokens cost, in nanodollars; `nil` when nobody knows the model's price.
    public var cost: Int?
    /// OpenAI's word for the end of the last choice; empty when none came to its end, or nobody read it.
    public var finishReason = ""
    /// The code of the error that the client got.
    public var error: String?
    /// Why the upstream could not be reached, also when another try brought an answer.
    public var reason: String?
    /// The client got a part of an answer, and not its end.
    public var isTruncated = false
    /// Upstream calls beyond the first, for whatever reason.
    public var retries = 0
    /// Times that another backend was asked because the one before could not.
    public var spills = 0
    /// Calls that were made because the one before was slow.
    public var hedges = 0
    /// Bytes of the two bodies, without heads and framing.
    public var bytesIn = 0
    public var bytesOut = 0
    public var timings = Timings()
    /// `nil` for a request that is not traced.
    public var trace: TraceContext?
    /// When it ended: Unix nanoseconds.
    public var endedAt = 0
    /// What became of its fields, as JSON, when the client asked for that: paths and rules, no values.
    public var notes: String?

    public init() {}
}

extension RequestRecord {
    /// Tokens by kind, as the upstream counted them.
    public struct TokenCounts: Sendable, Hashable {
        /// All of the prompt, `cached` and `promptAudio` included.
        public var prompt = 0
        /// Of the prompt: read from the upstream's cache.
        public var cached = 0
        public var promptAudio = 0
        /// All that was generated, `thinking` and `completionAudio` included.
        public var completion = 0
        public var thinking = 0
        public var completionAudio = 0

        public init() {}
    }
}
