/// Why an answer ends, and what is left of it then.
struct FinishReason: Sendable, Equatable {
    enum Remainder: Sendable {
        /// All of the answer.
        case whole
        /// What came before the filter took notice: the first sentence.
        case beginning
        case nothing
    }

    var rawValue: String
    var remainder: Remainder
    /// What the service says beside the word.
    var message: String?

    static let stop = FinishReason(rawValue: "STOP", remainder: .whole)
    static let maxTokens = FinishReason(rawValue: "MAX_TOKENS", remainder: .whole)

    init(rawValue: String, remainder: Remainder, message: String? = nil) {
        self.rawValue = rawValue
        self.remainder = remainder
        self.message = message
    }

    init?(known word: String) {
        guard let reason = Self.all.first(where: { $0.rawValue == word }) else { return nil }
        self = reason
    }

    /// - Source: the reference of `FinishReason`, both services.
    static let all: [FinishReason] = [
        .stop, .maxTokens,
        FinishReason(rawValue: "SAFETY", remainder: .beginning),
        FinishReason(rawValue: "RECITATION", remainder: .beginning),
        FinishReason(rawValue: "LANGUAGE", remainder: .beginning),
        FinishReason(rawValue: "OTHER", remainder: .beginning),
        FinishReason(rawValue: "BLOCKLIST", remainder: .beginning),
        FinishReason(rawValue: "PROHIBITED_CONTENT", remainder: .nothing),
        FinishReason(rawValue: "SPII", remainder: .beginning),
        FinishReason(rawValue: "MODEL_ARMOR", remainder: .nothing, message: "Blocked by Model Armor."),
        FinishReason(
            rawValue: "MALFORMED_FUNCTION_CALL", remainder: .nothing,
            message: "Malformed function call: print(default_api.emulated(argument="),
        FinishReason(
            rawValue: "UNEXPECTED_TOOL_CALL", remainder: .nothing,
            message: "Unexpected tool call: the model called a tool that was not declared."),
        FinishReason(rawValue: "TOO_MANY_TOOL_CALLS", remainder: .nothing),
        FinishReason(rawValue: "MISSING_THOUGHT_SIGNATURE", remainder: .nothing),
        FinishReason(rawValue: "MALFORMED_RESPONSE", remainder: .nothing),
        FinishReason(rawValue: "IMAGE_SAFETY", remainder: .nothing, message: "Unable to show the generated image."),
        FinishReason(rawValue: "IMAGE_PROHIBITED_CONTENT", remainder: .nothing),
        FinishReason(rawValue: "IMAGE_RECITATION", remainder: .nothing),
        FinishReason(rawValue: "IMAGE_OTHER", remainder: .nothing),
        FinishReason(rawValue: "NO_IMAGE", remainder: .nothing),
        FinishReason(rawValue: "CONTINUATION", remainder: .beginning),
        FinishReason(rawValue: "ESCALATION", remainder: .nothing),
    ]
}
