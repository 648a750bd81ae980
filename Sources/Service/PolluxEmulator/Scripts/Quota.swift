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
