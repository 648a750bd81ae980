internal import PolluxGeminiWire
internal import PolluxJSON

extension Part {
    /// It is returned in its raw form (RESP-016…018).
    var isRaw: Bool {
        executableCode != nil || codeExecutionResult != nil || toolCall != nil || toolResponse != nil
    }

    /// Text or an image of a thought that nobody asked for: dropped, but for its signature (THINK-020).
    func isHiddenThought(_ plan: ResponsePlan) -> Bool { isThoughtAlone && plan.thoughts == .hidden }

    fileprivate var isThoughtAlone: Bool { isThought && functionCall == nil }
}

/// What a candidate holds, found in one pass before the choice is written.
struct ChoiceSummary {
    /// One `functionCall`, with what a part without a name added to it.
    struct Call {
        let node: JSONNode
        var arguments: JSONNode?
        var signature: JSONNode?
    }

    let candidate: Candidate
    let finish: FinishContent
    /// Why the choice ends, where its prompt was blocked and it has no reason of its own.
    let block: PromptBlock?
    let finishReason: FinishReason
    /// `content.parts`.
    let parts: JSONNode?
    private(set) var hasAnswerText = false
    private(set) var hasThoughtText = false
    private(set) var calls: [Call] = []
    private(set) var images = 0
    private(set) var hasFiles = false
    private(set) var hasAudio = false
    /// An image stands in `audio` (IMG-001): speech behind it is listed among the images.
    private(set) var hasImageInAudio = false
    /// Some parts are returned in their raw form (RESP-016…018).
    private(set) var hasRawParts = false
    /// The last signature on anything but a call (SIG-002); the legacy call's own goes before it (SIG-003).
    private(set) var signature: JSONNode?
    let isMalformedCall: Bool

    /// - Parameter feedback: the answer's `promptFeedback`.
    init(_ candidate: Candidate, feedback: JSONNode?, of json: borrowing JSONDocument, plan: ResponsePlan) {
        self.candidate = candidate
        if let own = candidate.promptFeedback {
            block = PromptBlock(own, of: json)
        } else if candidate.finishReason == nil, let feedback {
            let whole = PromptBlock(feedback, of: json)
            block = whole.namesReason ? whole : nil
        } else {
            block = nil
        }
        parts = candidate.content.flatMap { json.value("parts", of: $0) }
        if let parts {
            var elements = json.elements(parts)
            while let element = elements.next(in: json) {
                let part = Part(element, of: json)
                if part.isHiddenThought(plan) {
                    signature = part.thoughtSignature ?? signature
                    continue
                }
                if part.isRaw { hasRawParts = true }
                if part.fileData != nil { hasFiles = true }
                if let call = part.functionCall {
                    Self.read(call, part, of: json, into: &calls)
                    continue
                }
                signature = part.thoughtSignature ?? signature
                if let text = part.text, json.length(text) > 0 {
                    if part.isThought { hasThoughtText = true } else { hasAnswerText = true }
                } else if part.executableCode != nil || part.codeExecutionResult != nil || part.fileData != nil {
                    hasAnswerText = true
                } else if let data = part.inlineData {
                    if MediaAnswer.isAudio(data, of: json), !hasImageInAudio {
                        hasAudio = true
                    } else {
                        images += 1
                        hasImageInAudio = !hasAudio && plan.showsImagesAsAudio
                    }
                }
            }
        }
        if plan.usesLegacyFunctions, let own = calls.first?.signature { signature = own }
        let native = candidate.finishReason.map { json.equals($0, "STOP") ? "STOP" : json.string($0) }
        finishReason =
            block != nil
            ? .contentFilter
            : FinishReason(gemini: native, madeToolCalls: !calls.isEmpty, isLegacy: plan.usesLegacyFunctions)
        finish = FinishContent(
            reason: native, message: candidate.finishMessage, safetyRatings: candidate.safetyRatings,
            isFiltered: finishReason == .contentFilter
        )
        isMalformedCall =
            FinishReason.isMalformedCall(native) && calls.isEmpty && !hasAnswerText && images == 0 && !hasAudio
    }

    /// A call without a name belongs to the one before it, when that had no arguments (04 § 3.1).
    private static func read(
        _ call: JSONNode, _ part: Part, of json: borrowing JSONDocument, into calls: inout [Call]
    ) {
        let arguments = ToolCallWriter.arguments(call, of: json)
        if ToolCallWriter.isNamed(call, of: json) {
            calls.append(Call(node: call, arguments: arguments, signature: part.thoughtSignature))
        } else if let last = calls.indices.last, calls[last].arguments == nil {
            calls[last].arguments = arguments
            calls[last].signature = calls[last].signature ?? part.thoughtSignature
        }
    }

    /// RESP-021: `null` when something else than text is the answer.
    func contentIsNull(writesText: Bool) -> Bool {
        !writesText && (!calls.isEmpty || images > 0 || hasAudio || finishReason == .contentFilter)
    }

    /// RESP-033: told only where there is no text.
    func refusal(of json: borrowing JSONDocument, writesText: Bool) -> String? {
        guard finishReason == .contentFilter, !writesText else { return nil }
        if let block { return block.refusal }
        return FinishReason.refusal(finish.reason, message: candidate.finishMessage.map { json.string($0) })
    }
}

/// A walk over the parts of one candidate, without thoughts that are hidden.
struct ShownParts {
    private var elements: JSONElements?
    private let hidesThoughts: Bool

    init(_ parts: JSONNode?, of json: borrowing JSONDocument, plan: borrowing ResponsePlan) {
        if let parts { elements = json.elements(parts) }
        hidesThoughts = plan.thoughts == .hidden
    }

    mutating func next(in json: borrowing JSONDocument) -> Part? {
        while let element = elements?.next(in: json) {
            let part = Part(element, of: json)
            if !hidesThoughts || !part.isThoughtAlone { return part }
        }
        return nil
    }
}
