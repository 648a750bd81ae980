import PolluxJSON

/// A prompt that gets no answer, and why.
enum PromptBlock {
    /// - Source: the reference of `BlockedReason`, both services.
    static let reasons: Set<String> = [
        "SAFETY", "OTHER", "BLOCKLIST", "PROHIBITED_CONTENT", "IMAGE_SAFETY", "MODEL_ARMOR", "JAILBREAK",
    ]

    /// Writes the member `promptFeedback`.
    static func write(_ reason: String, _ backend: Backend, into writer: inout JSONWriter) {
        writer.member("promptFeedback") {
            $0.object {
                $0.member("blockReason", reason)
                if backend == .vertex {
                    $0.member("blockReasonMessage", "The prompt is blocked due to \(reason.lowercased()).")
                }
                if reason == "SAFETY" { SafetyRatings.write(blocked: true, backend, into: &$0) }
            }
        }
    }
}
