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
        let response = GenerateContentResponse(.root, of: json)
        var usage = Usage()
        if let sum { usage = sum }
        var tier: StaticString?
        if plan.echoesServiceTier { tier = serviceTier(nil) }
        if let node = response.usageMetadata {
            let metadata = UsageMetadata(node, of: json)
            if sum == nil { usage = Usage(metadata, mode: plan.usageMode) }
            if plan.echoesServiceTier { tier = serviceTier(metadata) }
        }
        let envelope = AnswerEnvelope(response, of: json, now: now, identifiers: &identifiers)

        writer.raw("{\"choices\":[")
        var isMalformed = false
        if let list = response.candidates, json.isArray(list), !json.isEmpty(list) {
            if let only = json.onlyElement(list) {
                isMalformed = write(
                    Candidate(only, of: json), response, created: envelope.created, of: json, digest: digest,
                    identifiers: &identifiers, into: &writer)
            } else {
                for candidate in Self.inOrder(list, of: json) {
                    _ = write(
                        candidate, response, created: envelope.created, of: json, digest: digest,
                        identifiers: &identifiers, into: &writer)
                }
            }
        } else {
            guard let feedback = response.promptFeedback else { return .empty }
            usage.completionTokens = 0
            finishReason = .contentFilter
            writeBlockedChoice(feedback, of: json, into: &writer)
        }
        writer.endArray()
        envelope.write(of: json, model: plan.model, into: &writer, object: "chat.completion", serviceTier: tier)
        writer.output.append(",\"usage\":" as StaticString)
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

    private static func inOrder(_ list: JSONNode, of json: borrowing JSONDocument) -> [Candidate] {
        var candidates: [Candidate] = []
        var elements = json.elements(list)
        var indices = CandidateIndices()
        while let element = elements.next(in: json) {
            var candidate = Candidate(element, of: json)
            indices.complete(&candidate)
            candidates.append(candidate)
        }
        candidates.sort { $0.index < $1.index }
        return candidates
    }

    /// Writes one choice.
    ///
    /// - Returns: whether it is a malformed call with nothing beside it.
    private mutating func write(
        _ candidate: Candidate, _ response: GenerateContentResponse, created: Int, of json: borrowing JSONDocument,
        digest: () -> (any ContentDigest)?, identifiers: inout IdentifierSource, into writer: inout JSONWriter
    ) -> Bool {
        let choice = ChoiceSummary(candidate, feedback: response.promptFeedback, of: json, plan: plan)
        finishReason = choice.finishReason
        let isMalformed = choice.isMalformedCall
        writer.beginObject()
        if let block = choice.block {
            writer.raw(block.content.span)
        } else {
            writer.writeFinishContent(choice.finish, of: json)
        }
        writer.key("finish_reason")
        writer.string(choice.finishReason.word)
        writer.output.append(",\"index\":" as StaticString)
        writer.output.append(candidate.index)
        writer.output.append(",\"logprobs\":" as StaticString)
        writer.writeLogprobs(JSONWriter.logprobTokens(candidate.logprobsResult, of: json, plan: plan))
        writer.output.append(",\"message\":" as StaticString)
        var message = MessageWriter(
            choice: choice, plan: plan, created: created, remembers: remembers, digest: digest,
            remembersAudio: remembersAudio
        )
        swap(&message.callIDs, &callIDs)
        message.write(of: json, identifiers: &identifiers, into: &writer)
        swap(&message.callIDs, &callIDs)
        message.collect(into: &remembered)
        writer.endObject()
        return isMalformed
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
