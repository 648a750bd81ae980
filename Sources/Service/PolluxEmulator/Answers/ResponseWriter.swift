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
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("candidates")
        writer.beginArray()
        for (index, candidate) in answer.candidates.enumerated() {
            write(candidate, index, parts: candidate.parts, isLast: true, into: &writer)
        }
        writer.endArray()
        var usage = Usage()
        for candidate in answer.candidates {
            usage.thoughts += candidate.thoughtTokens
            usage.candidates += candidate.tokens
        }
        end(usage, into: &writer)
        return writer.output.array()
    }

    /// The answer as a stream's events, each a response with what is new, and with all tokens so far.
    func events(_ events: [StreamCutter.Event]) -> [[UInt8]] {
        var usage = Usage()
        for candidate in answer.candidates { usage.thoughts += candidate.thoughtTokens }
        // Tokens of cut text do not add up exactly; the last event of a candidate tells the true number.
        var counted = [Int](repeating: 0, count: answer.candidates.count)
        var result: [[UInt8]] = []
        for event in events {
            let candidate = answer.candidates[event.candidate]
            counted[event.candidate] =
                event.isLast
                ? candidate.tokens
                : min(counted[event.candidate] + (event.part?.tokens ?? 0), candidate.tokens)
            usage.candidates = counted.reduce(0, +)
            var writer = JSONWriter()
            writer.beginObject()
            writer.key("candidates")
            writer.beginArray()
            let parts = event.part.map { [$0] } ?? []
            write(candidate, event.candidate, parts: parts, isLast: event.isLast, into: &writer)
            writer.endArray()
            end(usage, into: &writer)
            result.append(writer.output.array())
        }
        return result
    }

    // MARK: Candidates

    private func write(
        _ candidate: Candidate, _ index: Int, parts: [AnswerPart], isLast: Bool, into writer: inout JSONWriter
    ) {
        writer.beginObject()
        writer.key("content")
        writer.beginObject()
        writer.key("role")
        writer.string("model")
        if !parts.isEmpty {
            writer.key("parts")
            writer.beginArray()
            for part in parts { write(part, into: &writer) }
            writer.endArray()
        }
        writer.endObject()
        if isLast {
            writer.key("finishReason")
            writer.string(text: candidate.finishReason.rawValue)
        }
        writer.key("index")
        writer.integer(index)
        if let alternatives = candidate.logprobs {
            Logprobs(alternatives: alternatives).write(parts, into: &writer)
        }
        if isLast, let grounding = candidate.grounding {
            writer.key("groundingMetadata")
            grounding.write(backend, into: &writer)
        }
        writer.endObject()
    }

    private func write(_ part: AnswerPart, into writer: inout JSONWriter) {
        writer.beginObject()
        switch part.content {
        case .thought(let text):
            writer.key("text")
            writer.string(text: text)
            writer.key("thought")
            writer.boolean(true)
        case .text(let text):
            writer.key("text")
            writer.string(text: text)
        case .functionCall(let name, let arguments, let id):
            writer.key("functionCall")
            writer.beginObject()
            writer.key("name")
            writer.string(text: name)
            writer.key("args")
            writer.raw(arguments.span)
            if let id {
                writer.key("id")
                writer.string(text: id)
            }
            writer.endObject()
        case .media(let mimeType, let base64, _):
            writer.key("inlineData")
            writer.beginObject()
            writer.key("mimeType")
            writer.string(text: mimeType)
            writer.key("data")
            writer.string(utf8: base64.span)
            writer.endObject()
        }
        if let signature = part.signature {
            writer.key("thoughtSignature")
            writer.string(text: signature)
        }
        writer.endObject()
    }

    // MARK: The rest

    private struct Usage {
        var candidates = 0
        var thoughts = 0
    }

    private func end(_ usage: Usage, into writer: inout JSONWriter) {
        let prompt = answer.promptTokens.total
        writer.key("usageMetadata")
        writer.beginObject()
        writer.key("promptTokenCount")
        writer.integer(prompt)
        if usage.candidates > 0 {
            writer.key("candidatesTokenCount")
            writer.integer(usage.candidates)
        }
        writer.key("totalTokenCount")
        writer.integer(prompt + usage.candidates + usage.thoughts)
        answer.promptTokens.writeDetails(into: &writer)
        if usage.thoughts > 0 {
            writer.key("thoughtsTokenCount")
            writer.integer(usage.thoughts)
        }
        switch backend {
        case .vertex:
            writer.key("trafficType")
            writer.string("ON_DEMAND")
        case .developer:
            writer.key("serviceTier")
            writer.string("standard")
        }
        writer.endObject()
        writer.key("modelVersion")
        writer.string(text: model)
        if backend == .vertex {
            writer.key("createTime")
            writer.string(text: createTime)
        }
        writer.key("responseId")
        writer.string(text: responseID)
        writer.endObject()
    }
}

extension PromptTokens {
    /// Writes the member `promptTokensDetails`.
    func writeDetails(into writer: inout JSONWriter) {
        writer.key("promptTokensDetails")
        writer.beginArray()
        for detail in details {
            writer.beginObject()
            writer.key("modality")
            writer.string(text: detail.modality)
            writer.key("tokenCount")
            writer.integer(detail.tokens)
            writer.endObject()
        }
        writer.endArray()
    }
}
