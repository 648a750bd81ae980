public import PolluxLimits
public import PolluxObservation

/// One request, as it is remembered: who, what, how much, how long. No content.
public struct UsageRow: Sendable, Hashable {
    /// Milliseconds since 1970, when the request began.
    public var time = 0
    public var requestID = ""
    /// The key's name, or `anonymous`, or `passthrough`.
    public var client = ""
    public var model = ""
    public var backend = ""
    public var location = ""
    public var counts = RequestRecord.TokenCounts()
    /// `nil`: nobody knows what the model costs.
    public var cost: Money?
    /// HTTP status; 499 when the client left.
    public var status = 0
    /// Our code for what went wrong.
    public var error: String?
    /// Milliseconds, to the answer's last byte and to its first token.
    public var latency = 0
    public var firstToken: Int?
    /// OpenAI's `finish_reason` of the first choice.
    public var finish: String?
    public var isStream = false
    /// The stream ended before the answer did.
    public var isTruncated = false

    public init() {}
}
