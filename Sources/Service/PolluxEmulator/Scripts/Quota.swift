/// How many requests, or tokens of prompts, a model takes in a minute, for each region and project on its own.
struct Quota: Sendable {
    /// Patterns; `nil` fits all.
    var model: String?
    var region: String?
    var project: String?
    var requestsPerMinute: Int?
    var tokensPerMinute: Int?

    func fits(_ facts: RequestFacts) -> Bool {
        guard facts.service == .vertex || facts.service == .developer, !facts.model.isEmpty else { return false }
        if let model, !Glob.fits(facts.model, model) { return false }
        if let region, !Glob.fits(facts.region, region) { return false }
        if let project, !Glob.fits(facts.project, project) { return false }
        return true
    }

    /// The refusal, in the words of the live services.
    func refusal(_ facts: RequestFacts, retryMilliseconds: Int) -> GoogleError {
        var error = GoogleError(
            .resourceExhausted,
            facts.service == .vertex
                ? "Resource exhausted. Please try again later. Please refer to "
                    + "https://cloud.google.com/vertex-ai/generative-ai/docs/error-code-429 for more details."
                : "You exceeded your current quota, please check your plan and billing details. For more information "
                    + "on this error, head over to: https://ai.google.dev/gemini-api/docs/rate-limits.\n"
                    + "Please retry in \(TimeSpan.text(milliseconds: retryMilliseconds))."
        )
        let unit = requestsPerMinute != nil ? "requests" : "input_token_count"
        error.quota = GoogleError.QuotaViolation(
            metric: facts.service == .vertex
                ? "aiplatform.googleapis.com/generate_content_\(unit)_per_minute_per_project_per_base_model"
                : "generativelanguage.googleapis.com/generate_content_\(unit)",
            id: "GenerateContent\(requestsPerMinute != nil ? "Requests" : "InputTokens")PerMinutePerProjectPerModel",
            value: requestsPerMinute ?? tokensPerMinute ?? 0, model: facts.model,
            location: facts.region.isEmpty ? "global" : facts.region
        )
        error.retryDelayMilliseconds = retryMilliseconds
        return error
    }
}

/// What was used of the quotas in the running minute.
struct QuotaUse: Sendable {
    /// Minutes that are counted at once; the oldest give way.
    static let maximumWindows = 10_000
    static let windowMilliseconds = 60_000

    private struct Window {
        var start: Int
        var used: Int
    }

    private var windows: [String: Window] = [:]

    /// Takes from a quota.
    ///
    /// - Returns: milliseconds until there is more when it is used up, else `nil`.
    mutating func take(_ quota: Quota, at index: Int, _ facts: RequestFacts, bytes: Int, now: Int) -> Int? {
        let key = "\(index) \(facts.model) \(facts.region) \(facts.project)"
        var window = windows[key] ?? Window(start: now, used: 0)
        if now - window.start >= Self.windowMilliseconds { window = Window(start: now, used: 0) }
        // Tokens of prompts, as everywhere in the emulator: four bytes are one.
        let wanted = quota.requestsPerMinute != nil ? 1 : max(bytes / 4, 1)
        let limit = quota.requestsPerMinute ?? quota.tokensPerMinute ?? Int.max
        guard window.used + wanted <= limit else {
            return max(window.start + Self.windowMilliseconds - now, 1)
        }
        window.used += wanted
        if windows.count >= Self.maximumWindows, windows[key] == nil { windows.removeAll() }
        windows[key] = window
        return nil
    }
}
