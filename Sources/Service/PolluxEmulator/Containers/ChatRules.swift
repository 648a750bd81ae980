/// What servers of Chat Completions refuse.
///
/// - Source: vLLM's `protocol.py` and `serving_chat.py`, TGI's `validation.rs`, as their errors are reported.
struct ChatRules {
    /// Tokens that the emulated models read and write together.
    static let contextTokens = 32_768

    let dialect: ChatCall.Dialect
    let request: ChatRequest
    /// Whether the body's `stop` is a bare string.
    let stopIsText: Bool

    func check() throws(ChatError) {
        if request.roles.isEmpty {
            throw ChatError(
                kind: .validation, message: dialect == .tgi ? "`inputs` cannot be empty" : "list index out of range")
        }
        if let maximum = request.maximumTokens {
            guard maximum > 0 else {
                throw ChatError(
                    kind: .validation, message: "`max_tokens` must be at least 1, got \(maximum).",
                    parameter: "max_tokens")
            }
            guard maximum <= Self.contextTokens else {
                throw ChatError(
                    kind: .validation,
                    message: "'max_tokens' or 'max_completion_tokens' is too large: \(maximum). This model's maximum "
                        + "context length is \(Self.contextTokens) tokens.", parameter: "max_tokens")
            }
        }
        switch dialect {
        case .vllm: try checkVLLM()
        case .tgi: try checkTGI()
        }
    }

    private func checkVLLM() throws(ChatError) {
        if let temperature = request.temperature, temperature < 0 {
            throw ChatError(
                kind: .validation, message: "temperature must be non-negative, got \(temperature).",
                parameter: "temperature")
        }
        guard request.choices >= 1 else {
            throw ChatError(kind: .validation, message: "n must be at least 1, got \(request.choices).", parameter: "n")
        }
        if let top = request.topLogprobs, top > 20 {
            throw ChatError(
                kind: .validation,
                message: "Requested sample logprobs of \(top), which is greater than max allowed: 20",
                parameter: "top_logprobs")
        }
    }

    private func checkTGI() throws(ChatError) {
        if stopIsText {
            throw ChatError(kind: .shape, message: "stop: invalid type: string, expected a sequence")
        }
        if let temperature = request.temperature, temperature <= 0 {
            throw ChatError(kind: .validation, message: "`temperature` must be strictly positive")
        }
        if let top = request.topLogprobs, top > 5 {
            throw ChatError(kind: .validation, message: "`top_n_tokens` must be >= 0 and <= 5. Given: \(top)")
        }
        if request.roles.contains("developer") {
            throw ChatError(kind: .template, message: "unknown role: developer")
        }
    }
}
