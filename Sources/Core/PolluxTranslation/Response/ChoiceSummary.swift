internal import PolluxGeminiWire
internal import PolluxJSON

/// What a candidate holds, found in one pass before the choice is written.
struct ChoiceSummary {
    let candidate: Candidate
    let finish: FinishContent
    var finishReason: FinishReason
    var parts: [Part] = []
    var hasAnswerText = false
    var hasThoughtText = false
    var calls = 0
    var images = 0
    var hasAudio = false
    /// Parts that are returned in their raw form (RESP-016…018).
    var rawParts: [JSONNode] = []
    /// The last signature on anything but a call (SIG-002), or of the legacy call (SIG-003).
    var signature: JSONNode?
    var isMalformedCall = false

    init(_ candidate: Candidate, of json: borrowing JSONDocument, plan: ResponsePlan) {
        self.candidate = candidate
        if let content = candidate.content, let list = json.value("parts", of: content) {
            var elements = json.elements(list)
            while let element = elements.next(in: json) {
                let part = Part(element, of: json)
                parts.append(part)
                if part.executableCode != nil || part.codeExecutionResult != nil || part.toolCall != nil
                    || part.toolResponse != nil
                {
                    rawParts.append(element)
                }
            }
        }
        let native = candidate.finishReason.map { json.string($0) }
        for part in parts {
            if part.functionCall != nil {
                calls += 1
                if plan.usesLegacyFunctions, calls == 1 { signature = part.thoughtSignature ?? signature }
            } else {
                signature = part.thoughtSignature ?? signature
                if let text = part.text, json.length(text) > 0 {
                    if part.isThought { hasThoughtText = true } else { hasAnswerText = true }
                } else if part.executableCode != nil || part.codeExecutionResult != nil || part.fileData != nil {
                    hasAnswerText = true
                } else if let data = part.inlineData {
                    if MediaAnswer.isAudio(data, of: json) { hasAudio = true } else { images += 1 }
                }
            }
        }
        finishReason = FinishReason(
            gemini: native, madeToolCalls: calls > 0, isLegacy: plan.usesLegacyFunctions
        )
        finish = FinishContent(
            reason: native, message: candidate.finishMessage, safetyRatings: candidate.safetyRatings,
            isFiltered: finishReason == .contentFilter
        )
        isMalformedCall =
            FinishReason.isMalformedCall(native) && calls == 0 && !hasAnswerText && images == 0 && !hasAudio
    }

    /// RESP-021: `null` when something else than text is the answer.
    func contentIsNull(writesText: Bool) -> Bool {
        !writesText && (calls > 0 || images > 0 || hasAudio || finishReason == .contentFilter)
    }

    /// RESP-033
    func refusal(of json: borrowing JSONDocument) -> String? {
        guard finishReason == .contentFilter, !hasAnswerText else { return nil }
        if let message = candidate.finishMessage, json.isString(message) { return json.string(message) }
        return "The response was blocked by the provider (\(finish.reason ?? "OTHER"))."
    }
}
