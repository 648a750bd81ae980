/// What becomes of every field of a `GenerateContentResponse`, whole or as an event of a stream.
///
/// `message` stands for `choices[].message`, and in streams for `choices[].delta`.
public enum AnswerLedger {
    public typealias Row = ParameterLedger.Row

    public static let rows: [Row] = envelope + candidates + parts + usage

    private static func row(_ path: String, _ remark: String, _ rules: String) -> Row {
        Row(path: path, fate: .translated, remark: remark, rules: rules)
    }

    private static func ignored(_ path: String, _ remark: String, _ rules: String) -> Row {
        Row(path: path, fate: .ignored, remark: remark, rules: rules)
    }

    private static func unknown(_ member: String) -> Row {
        ignored("candidates[].content.parts[].\(member)", "no part of an answer's message", "RESP-020")
    }

    private static let envelope: [Row] = [
        row("responseId", "id", "RESP-001"),
        row("createTime", "created", "RESP-003"),
        row("modelVersion", "system_fingerprint", "RESP-005"),
        row("candidates", "choices", "RESP-006"),
        row("promptFeedback.blockReason", "choices[].extra_content.google.block_reason", "RESP-040"),
        row("promptFeedback.blockReasonMessage", "message.refusal", "RESP-040"),
        row("promptFeedback.safetyRatings", "choices[].extra_content.google.safety_ratings", "RESP-040"),
        row("error", "an error in OpenAI's form", "ERR-001, ERR-004"),
        row("error.code", "the status, where the kind does not decide it", "ERR-020…028"),
        row("error.message", "error.message, without secrets", "ERR-002"),
        row("error.status", "error.type, error.code", "ERR-020…028"),
        row("error.details", "param, code and retry-after, as far as they tell them", "ERR-040…043"),
    ]

    private static let candidates: [Row] = [
        row("candidates[].index", "choices[].index", "RESP-006"),
        row(
            "candidates[].finishReason",
            "choices[].finish_reason; others than STOP and MAX_TOKENS also in extra_content", "RESP-030…032"),
        row("candidates[].finishMessage", "choices[].extra_content.google.finish_message", "RESP-032, RESP-033"),
        row("candidates[].safetyRatings", "choices[].extra_content.google.safety_ratings, when filtered", "RESP-032"),
        row("candidates[].content.role", "message.role, which is always assistant", "RESP-006"),
        ignored("candidates[].avgLogprobs", "OpenAI has no place for it", "GEN-002"),
        ignored("candidates[].continuationToken", "OpenAI has no place for it", "GEN-002"),
        ignored("candidates[].groundingAttributions", "groundingMetadata has what is shown", "GEN-002"),
        ignored("candidates[].logprobsResult.logProbabilitySum", "OpenAI has no place for it", "GEN-002"),
        ignored("candidates[].tokenCount", "usage has the sum", "GEN-002"),
        row("candidates[].logprobsResult.chosenCandidates", "choices[].logprobs.content[]", "LOGP-001"),
        row("candidates[].logprobsResult.topCandidates", "choices[].logprobs.content[].top_logprobs", "LOGP-002"),
        row(
            "candidates[].groundingMetadata",
            "message.annotations, and as it is in message.extra_content.google.grounding_metadata", "GRND-001…004"),
        row("candidates[].urlContextMetadata", "message.extra_content.google.url_context_metadata", "GRND-004"),
        row("candidates[].citationMetadata", "message.extra_content.google.citation_metadata", "GRND-005"),
    ]

    private static let parts: [Row] = [
        row(
            "candidates[].content.parts[].text", "message.content; of a thought, as the request asked",
            "RESP-010, RESP-011"),
        row("candidates[].content.parts[].thought", "decides where the text goes", "THINK-020, THINK-030…035"),
        row(
            "candidates[].content.parts[].thoughtSignature",
            "extra_content.google.thought_signature of the message or call", "RESP-019, SIG-001…003"),
        row("candidates[].content.parts[].functionCall.id", "message.tool_calls[].id", "TOOL-040"),
        row(
            "candidates[].content.parts[].functionCall.name", "message.tool_calls[].function.name, the client's own",
            "TOOL-002, TOOL-044"),
        row(
            "candidates[].content.parts[].functionCall.args", "message.tool_calls[].function.arguments, as text",
            "TOOL-041"),
        row(
            "candidates[].content.parts[].functionCall.partialArgs", "the next piece of function.arguments",
            "STREAM-030…036"),
        row(
            "candidates[].content.parts[].functionCall.willContinue", "whether function.arguments goes on",
            "STREAM-030…036"),
        row("candidates[].content.parts[].inlineData", "message.images, message.audio", "RESP-013, RESP-014"),
        row("candidates[].content.parts[].fileData", "message.content, and message.images for an image", "RESP-015"),
        row(
            "candidates[].content.parts[].executableCode",
            "a fenced block in message.content, and message.extra_content.google.parts", "RESP-016"),
        row(
            "candidates[].content.parts[].codeExecutionResult",
            "a fenced block in message.content, and message.extra_content.google.parts", "RESP-017"),
        row("candidates[].content.parts[].toolCall", "message.extra_content.google.parts", "RESP-018"),
        row("candidates[].content.parts[].toolResponse", "message.extra_content.google.parts", "RESP-018"),
        unknown("audioTranscription"), unknown("functionResponse"), unknown("mediaProcessing"),
        unknown("mediaResolution"), unknown("partMetadata"), unknown("speechMetadata"), unknown("videoMetadata"),
    ]

    private static let usage: [Row] = [
        row("usageMetadata.promptTokenCount", "usage.prompt_tokens", "USE-001"),
        row("usageMetadata.toolUsePromptTokenCount", "usage.prompt_tokens", "USE-001"),
        row("usageMetadata.candidatesTokenCount", "usage.completion_tokens", "USE-002"),
        row(
            "usageMetadata.thoughtsTokenCount",
            "usage.completion_tokens, usage.completion_tokens_details.reasoning_tokens", "USE-002, USE-005"),
        row("usageMetadata.totalTokenCount", "usage.total_tokens", "USE-003"),
        row("usageMetadata.cachedContentTokenCount", "usage.prompt_tokens_details.cached_tokens", "USE-004"),
        row("usageMetadata.promptTokensDetails", "usage.prompt_tokens_details.audio_tokens", "USE-004"),
        row("usageMetadata.candidatesTokensDetails", "usage.completion_tokens_details.audio_tokens", "USE-005"),
        row(
            "usageMetadata.trafficType", "usage.extra_properties.google.traffic_type, service_tier", "USE-006, RESP-008"
        ),
        row("usageMetadata.serviceTier", "service_tier", "RESP-008"),
        ignored("usageMetadata.cacheTokensDetails", "cached_tokens has the sum", "USE-004"),
        ignored("usageMetadata.toolUsePromptTokensDetails", "prompt_tokens has the sum", "USE-001"),
        ignored("usageMetadata.billablePromptUsage", "OpenAI has no place for it", "GEN-002"),
    ]
}
