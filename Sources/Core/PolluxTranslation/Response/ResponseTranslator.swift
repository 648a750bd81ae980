internal import PolluxGeminiWire
public import PolluxJSON
public import PolluxOpenAIWire

/// Whole answer of `generateContent` → `chat.completion` (03).
public struct ResponseTranslator: Sendable {
    /// What became of the answer.
    public enum Outcome: Sendable, Equatable {
        /// The body was written.
        case answered(Usage)
        /// No candidate and no feedback: worth one more try (RESP-041).
        case empty
        /// A malformed call with nothing beside it: worth one more try (RESP-031). The body was written.
        case malformedCall(Usage)
    }

    let plan: ResponsePlan
    /// Unix seconds, for `created` where the upstream gives none.
    let now: Int
    /// Whether signatures are to be collected for the vault.
    public var remembers = false
    /// Whether speech is to be collected (AUD-005).
    public var remembersAudio = false
    public private(set) var remembered = RememberedAnswer()
    /// Of the last choice, for logs.
    public private(set) var finishReason: FinishReason?
    private var callIDs = CallIDs()

    public init(plan: ResponsePlan, now: Int) {
        self.plan = plan
        self.now = now
    }

    /// Translates one answer.
    ///
    /// - Parameters:
    ///   - usage: the counts of several calls, where the answer was made of more than one.
    ///   - digest: for the vault's key of a message that it should know; few need one.
    public mutating func translate(
        _ json: borrowing JSONDocument, usage sum: Usage? = nil, digest: () -> (any ContentDigest)? = { nil },
        identifiers: inout IdentifierSource, into writer: inout JSONWriter
    ) -> Outcome {
        let plan = self.plan
        let response = GenerateContentResponse(.root, of: json)
        var candidates: [Candidate] = []
        if let list = response.candidates {
            var elements = json.elements(list)
            var indices = CandidateIndices()
            while let element = elements.next(in: json) {
                var candidate = Candidate(element, of: json)
                indices.complete(&candidate)
                candidates.append(candidate)
            }
        }
        let metadata = response.usageMetadata.map { UsageMetadata($0, of: json) }
        var usage = sum ?? Usage(metadata, mode: plan.usageMode)
        let envelope = AnswerEnvelope(response, of: json, plan: plan, now: now, identifiers: &identifiers)

        writer.beginObject()
        writer.key("choices")
        writer.beginArray()
        var isMalformed = false
        if candidates.isEmpty {
            guard let feedback = response.promptFeedback else { return .empty }
            usage.completionTokens = 0
            finishReason = .contentFilter
            writeBlockedChoice(feedback, of: json, into: &writer)
        } else {
            if candidates.count > 1 { candidates.sort { $0.index < $1.index } }
            for candidate in candidates {
                let choice = ChoiceSummary(candidate, feedback: response.promptFeedback, of: json, plan: plan)
                finishReason = choice.finishReason
                isMalformed = choice.isMalformedCall && candidates.count == 1
                write(
                    choice, plan, created: envelope.created, of: json, digest: digest, identifiers: &identifiers,
                    into: &writer
                )
            }
        }
        writer.endArray()
        envelope.write(
            of: json, into: &writer, object: "chat.completion",
            serviceTier: plan.echoesServiceTier ? serviceTier(metadata) : nil
        )
        writer.key("usage")
        usage.write(into: &writer)
        writer.endObject()
        return isMalformed ? .malformedCall(usage) : .answered(usage)
    }

    // MARK: Choices

    /// RESP-040: the prompt was blocked.
    private func writeBlockedChoice(
        _ feedback: JSONNode, of json: borrowing JSONDocument, into writer: inout JSONWriter
    ) {
        writer.beginObject()
        let block = PromptBlock(feedback, of: json)
        writer.raw(block.content.span)
        writer.raw("\"finish_reason\":\"content_filter\",\"index\":0,\"logprobs\":null")
        writer.key("message")
        writer.beginObject()
        writer.key("content")
        writer.null()
        writer.key("refusal")
        writer.string(text: block.refusal)
        writer.raw("\"role\":\"assistant\"")
        writer.endObject()
        writer.endObject()
    }

    private mutating func write(
        _ choice: ChoiceSummary, _ plan: ResponsePlan, created: Int, of json: borrowing JSONDocument,
        digest: () -> (any ContentDigest)?, identifiers: inout IdentifierSource, into writer: inout JSONWriter
    ) {
        writer.beginObject()
        if let block = choice.block {
            writer.raw(block.content.span)
        } else {
            writer.writeFinishContent(choice.finish, of: json)
        }
        writer.key("finish_reason")
        writer.string(choice.finishReason.word)
        writer.key("index")
        writer.integer(choice.candidate.index)
        writer.key("logprobs")
        writer.writeLogprobs(JSONWriter.logprobTokens(choice.candidate.logprobsResult, of: json, plan: plan))
        writer.key("message")
        var message = MessageWriter(
            choice: choice, plan: plan, created: created, remembers: remembers, digest: digest,
            remembersAudio: remembersAudio
        )
        swap(&message.callIDs, &callIDs)
        message.write(of: json, identifiers: &identifiers, into: &writer)
        swap(&message.callIDs, &callIDs)
        message.collect(into: &remembered)
        writer.endObject()
    }
}

/// The reason of an end, as far as it is told in `extra_content` (RESP-032).
struct FinishContent {
    var reason: String?
    var message: JSONNode?
    var safetyRatings: JSONNode?
    var isFiltered: Bool
}

extension JSONWriter {
    /// Writes the choice's `extra_content`, when the native reason tells more than OpenAI's word.
    mutating func writeFinishContent(_ finish: FinishContent, of json: borrowing JSONDocument) {
        guard FinishReason.isTelling(finish.reason), let reason = finish.reason else { return }
        key("extra_content")
        raw("{\"google\":{")
        if let message = finish.message {
            key("finish_message")
            copy(message, of: json)
        }
        key("finish_reason")
        string(text: reason)
        if finish.isFiltered, let ratings = finish.safetyRatings {
            key("safety_ratings")
            copySnakeCased(ratings, of: json)
        }
        endObject()
        endObject()
    }
}
