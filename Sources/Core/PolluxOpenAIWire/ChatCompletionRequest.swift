public import PolluxJSON

/// A Chat Completions request as it was written: where each known field stands.
///
/// Unknown members are passed over (GEN-002); a `null` is the same as an absent member (GEN-003).
public struct ChatCompletionRequest: Sendable {
    /// The value of each field; the root, which is no member, where there is none.
    @usableFromInline var nodes: InlineArray<48, JSONNode> = .init(repeating: .root)

    /// Finds the fields in one pass over the members.
    ///
    /// - Throws: 400 `invalid_type` when the body is not an object.
    public init(_ json: borrowing JSONDocument) throws(APIError) {
        guard json.isObject(.root) else {
            throw .badRequest(
                "Invalid type for request body: expected an object, but got \(json.kind(.root).description) instead.",
                param: nil, code: "invalid_type"
            )
        }
        let names = Field.names
        var members = json.members(.root)
        while let member = members.next(in: json) {
            if let field = names.index(of: member.key, in: json) {
                nodes[field] = json.isNull(member.value) ? .root : member.value
            }
        }
    }

    @inlinable
    public subscript(field: Field) -> JSONNode? {
        let node = nodes[Int(field.rawValue)]
        return node == .root ? nil : node
    }
}

extension ChatCompletionRequest {
    /// Every member that we know, also those without effect.
    public enum Field: UInt8, Sendable, CaseIterable {
        case messages, model
        case maxCompletionTokens, maxTokens, n, temperature, topP, topK, frequencyPenalty, presencePenalty, seed, stop
        case stream, streamOptions, responseFormat
        case tools, toolChoice, parallelToolCalls, functions, functionCall, webSearchOptions
        case reasoningEffort, logprobs, topLogprobs, modalities, audio, serviceTier, metadata
        case user, safetyIdentifier, promptCacheKey, promptCacheRetention, promptCacheOptions
        case store, prediction, verbosity, moderation, logitBias
        case extraBody, google, pollux, extraContent, extraPart

        /// The member's name in the request.
        public var name: StaticString {
            switch self {
            case .messages: "messages"
            case .model: "model"
            case .maxCompletionTokens: "max_completion_tokens"
            case .maxTokens: "max_tokens"
            case .n: "n"
            case .temperature: "temperature"
            case .topP: "top_p"
            case .topK: "top_k"
            case .frequencyPenalty: "frequency_penalty"
            case .presencePenalty: "presence_penalty"
            case .seed: "seed"
            case .stop: "stop"
            case .stream: "stream"
            case .streamOptions: "stream_options"
            case .responseFormat: "response_format"
            case .tools: "tools"
            case .toolChoice: "tool_choice"
            case .parallelToolCalls: "parallel_tool_calls"
            case .functions: "functions"
            case .functionCall: "function_call"
            case .webSearchOptions: "web_search_options"
            case .reasoningEffort: "reasoning_effort"
            case .logprobs: "logprobs"
            case .topLogprobs: "top_logprobs"
            case .modalities: "modalities"
            case .audio: "audio"
            case .serviceTier: "service_tier"
            case .metadata: "metadata"
            case .user: "user"
            case .safetyIdentifier: "safety_identifier"
            case .promptCacheKey: "prompt_cache_key"
            case .promptCacheRetention: "prompt_cache_retention"
            case .promptCacheOptions: "prompt_cache_options"
            case .store: "store"
            case .prediction: "prediction"
            case .verbosity: "verbosity"
            case .moderation: "moderation"
            case .logitBias: "logit_bias"
            case .extraBody: "extra_body"
            case .google: "google"
            case .pollux: "pollux"
            case .extraContent: "extra_content"
            case .extraPart: "extra_part"
            }
        }

        /// The names of all fields, in the order of their raw values.
        static let names = JSONNames(allCases.map(\.name))
    }
}
