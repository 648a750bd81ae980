/// Why Gemini stopped → OpenAI's five words (03 § 3). Nothing else ever reaches a client.
public enum FinishReason: String, Sendable {
    case stop, length
    case contentFilter = "content_filter"
    case toolCalls = "tool_calls"
    case functionCall = "function_call"

    var word: StaticString {
        switch self {
        case .stop: "stop"
        case .length: "length"
        case .contentFilter: "content_filter"
        case .toolCalls: "tool_calls"
        case .functionCall: "function_call"
        }
    }

    /// - Parameter madeToolCalls: the choice has a call, in this event or an earlier one (RESP-030,
    ///   STREAM-026). It counts only where Gemini names no accident: a call of an answer that went wrong is
    ///   not to be run.
    init(gemini: String?, madeToolCalls: Bool, isLegacy: Bool) {
        // Nearly every answer's: the words below are longer, and dearer to compare.
        if gemini == "STOP" {
            self = madeToolCalls ? (isLegacy ? .functionCall : .toolCalls) : .stop
            return
        }
        switch gemini {
        case "MAX_TOKENS", "CONTINUATION": self = .length
        case "SAFETY", "RECITATION", "LANGUAGE", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "MODEL_ARMOR",
            "ESCALATION", "IMAGE_SAFETY", "IMAGE_PROHIBITED_CONTENT", "IMAGE_RECITATION":
            self = .contentFilter
        case "OTHER", "MALFORMED_FUNCTION_CALL", "UNEXPECTED_TOOL_CALL", "TOO_MANY_TOOL_CALLS", "MALFORMED_RESPONSE",
            "MISSING_THOUGHT_SIGNATURE", "IMAGE_OTHER", "NO_IMAGE":
            self = .stop
        default: self = madeToolCalls ? (isLegacy ? .functionCall : .toolCalls) : .stop
        }
    }

    /// What is told in the place of a text that was filtered (RESP-033).
    static func refusal(_ gemini: String?, message: String?) -> String {
        if let message, !message.isEmpty { return message }
        return "The response was blocked by the provider (\(gemini ?? "OTHER"))."
    }

    /// An accident of sampling that a second try usually cures (RESP-031).
    static func isMalformedCall(_ gemini: String?) -> Bool {
        if gemini == "STOP" { return false }
        return gemini == "MALFORMED_FUNCTION_CALL" || gemini == "UNEXPECTED_TOOL_CALL" || gemini == "MALFORMED_RESPONSE"
    }

    /// Whether the native reason tells more than OpenAI's word (RESP-032).
    static func isTelling(_ gemini: String?) -> Bool {
        guard let gemini else { return false }
        return gemini != "STOP" && gemini != "MAX_TOKENS"
    }
}
