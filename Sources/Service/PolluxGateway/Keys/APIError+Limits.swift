public import PolluxLimits
public import PolluxOpenAIWire

extension APIError {
    /// What a client reads when its key has a limit: OpenAI's 429, with the time until it is worth to come again.
    public init(_ refusal: LimitRefusal) {
        let message: String
        var retryAfter = Duration.seconds(1)
        var code = "rate_limit_exceeded"
        switch refusal {
        case .requestsPerMinute(let limit, let nanoseconds):
            message = "Rate limit reached for this key: \(limit) requests per minute."
            retryAfter = Self.wait(nanoseconds)
        case .tokensPerMinute(let limit, let requested, let nanoseconds):
            message =
                "Rate limit reached for this key: \(limit) tokens per minute; this request may take up to \(requested). "
                + "A smaller 'max_completion_tokens' may take it sooner."
            retryAfter = Self.wait(nanoseconds)
        case .concurrentRequests(let limit):
            message = "Rate limit reached for this key: \(limit) requests at a time."
        case .budgetReserved(let budget):
            message =
                "The rest of this key's \(budget.rawValue) is reserved by requests that are running. "
                + "A smaller 'max_completion_tokens' may fit into it."
        case .budgetExhausted(let budget, let seconds):
            message = "You exceeded the \(budget.rawValue) of this key."
            code = "insufficient_quota"
            retryAfter = .seconds(seconds)
        }
        self.init(
            status: 429, kind: .rateLimit, message: message, code: code, retryAfter: retryAfter,
            shouldRetry: code == "insufficient_quota" ? false : nil
        )
    }

    /// Whole milliseconds, so that it is not too early.
    private static func wait(_ nanoseconds: Int64) -> Duration { .milliseconds((nanoseconds + 999_999) / 1_000_000) }
}
