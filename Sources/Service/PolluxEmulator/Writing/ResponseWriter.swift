import PolluxJSON

/// Writes `GenerateContentResponse`s.
struct ResponseWriter {
    let backend: Backend
    let model: String
    let responseID: String
    /// RFC 3339; Vertex AI only.
    let createTime: String
    let answer: Answer

    /// The whole answer.
    func whole() -> [UInt8] {
        var usage = usage
        for candidate in answer.candidates {
            usage.thoughts += candidate.thoughtTokens
            usage.candidates += candidate.tokens
        }
        return response(usage) {
            for (index, candidate) in answer.candidates.enumerated() {
                write(candidate, index, parts: candidate.parts, isLast: true, into: &$0)
            }
        }
    }

    /// The answer as a stream's events, each a response with what is new, and with all tokens so far.
    func events(_ events: [StreamCutter.Event]) -> [[UInt8]] {
        guard answer.blockReason == nil else { return [whole()] }
        var usage = usage
        for candidate in answer.candidates { usage.thoughts += candidate.thoughtTokens }
        // Tokens of cut text do not add up exactly; the last event of a candidate tells the true number.
        var counted = [Int](repeating: 0, count: answer.candidates.count)
        let totals = answer.candidates.map(\.tokens)
        return events.map { event in
            let candidate = answer.candidates[event.candidate]
            let total = totals[event.candidate]
            counted[event.candidate] =
                event.isLast ? total : min(counted[event.candidate] + (event.part?.tokens ?? 0), total)
            usage.candidates = counted.reduce(0, +)
            let parts = event.part.map { [$0] } ?? []
            return response(usage) {
                write(candidate, event.candidate, parts: parts, isLast: event.isLast, into: &$0)
            }
        }
    }

    private var usage: Usage {
        Usage(prompt: answer.promptTokens, cached: answer.cachedTokens, toolUse: answer.toolUseTokens)
    }

    private func response(_ usage: Usage, candidates: (inout JSONWriter) -> Void) -> [UInt8] {
        JSONWriter.objectText {
            if let reason = answer.blockReason {
                PromptBlock.write(reason, backend, into: &$0)
            } else {
                $0.member("candidates") { $0.array(candidates) }
            }
            usage.write(backend, into: &$0)
            $0.member("modelVersion", model)
            if backend == .vertex { $0.member("createTime", createTime) }
            $0.member("responseId", responseID)
        }
    }

    private func write(
        _ candidate: Candidate, _ index: Int, parts: [AnswerPart], isLast: Bool, into writer: inout JSONWriter
    ) {
        writer.object {
            $0.member("content") {
                $0.object {
                    $0.member("role", "model")
                    if !parts.isEmpty {
                        $0.member("parts") { $0.array { for part in parts { part.write(into: &$0) } } }
                    }
                }
            }
            if isLast { writeEnd(candidate, into: &$0) }
            $0.member("index", index)
            if let alternatives = candidate.logprobs {
                Logprobs(alternatives: alternatives).write(parts, into: &$0)
            }
            if isLast, let grounding = candidate.grounding {
                $0.member("groundingMetadata") { grounding.write(backend, into: &$0) }
            }
            if isLast, !candidate.readURLs.isEmpty { URLContext.write(candidate.readURLs, into: &$0) }
        }
    }

    private func writeEnd(_ candidate: Candidate, into writer: inout JSONWriter) {
        writer.member("finishReason", candidate.finishReason.rawValue)
        if let message = candidate.finishReason.message { writer.member("finishMessage", message) }
        if candidate.finishReason.rawValue == "SAFETY" { SafetyRatings.write(blocked: true, backend, into: &writer) }
        candidate.citations?.write(backend, into: &writer)
    }
}
