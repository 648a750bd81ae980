internal import PolluxGeminiWire
public import PolluxJSON
public import PolluxOpenAIWire

/// Events of `streamGenerateContent` → `chat.completion.chunk` events (04).
///
/// One translator serves one request, also when several upstream calls make up its choices. It knows no
/// time and no socket: bytes of events go in, bytes of events come out.
public struct StreamTranslator: Sendable {
    /// How the stream ended.
    public enum Ending: Sendable, Equatable {
        /// Every choice got its real finish reason; with `[DONE]` when the last call ended.
        case finished
        /// Nothing came: worth one more try, else this error (RESP-041).
        case empty
        /// A malformed call with nothing beside it, and nothing was sent (RESP-031).
        case malformedCall
        /// A choice has no finish reason (STREAM-061).
        case incomplete
    }

    /// More than OpenAI lets a request ask for: what a broken upstream counts must not fill our memory.
    static let maximumChoices = 128

    private let plan: ResponsePlan
    private let now: Int
    /// For the vault's keys of what is written; `nil` when nothing is to be remembered.
    public var digest: (any ContentDigest)?
    /// Whether speech is to be collected (AUD-005).
    public var remembersAudio = false
    public private(set) var remembered = RememberedAnswer()
    /// Whether a chunk was written.
    public private(set) var hasWritten = false

    /// One upstream call: all candidates, or one of a fan-out.
    private struct Call: Sendable {
        var usage = UsageMetadata()
        var hasUsage = false
        var hasCandidates = false
        var block: PromptBlock?
        var hasEnded = false
    }

    private var calls: [Call]
    private var callIDs = CallIDs()
    /// A malformed call was repeated already and is now the answer.
    private var acceptsMalformedCall = false
    private var choices: [StreamChoice] = []
    /// Choices that had a chunk before their own first one, so that first chunks come in the order of the indices.
    private var opened: Set<Int> = []
    /// A candidate's index was beyond ``maximumChoices``, and the candidate is lost.
    private var hasImpossibleChoices = false
    /// The chunk's text behind its choices, the same all along: `],"created":…}`.
    private var tail: [UInt8] = []
    /// Where the usage belongs in the tail.
    private var usagePlace = 0
    /// Where the tier belongs in the tail, when one is to be told that the first event did not tell.
    private var tierPlace: Int?
    /// Of the whole answer, as its first event has it.
    private var created: Int?

    public init(plan: ResponsePlan, now: Int) {
        self.plan = plan
        self.now = now
        calls = Array(repeating: Call(), count: max(1, plan.calls))
    }

    /// Token counts so far; final when the stream has ended.
    public var usage: Usage {
        var sum = usage(of: 0)
        for call in calls.indices.dropFirst() { sum.add(usage(of: call)) }
        return sum
    }

    /// The counts of one call.
    public func usage(of call: Int) -> Usage {
        var usage = calls[call].hasUsage ? Usage(calls[call].usage, mode: plan.usageMode) : Usage()
        if calls[call].block != nil, !calls[call].hasCandidates { usage.completionTokens = 0 }  // RESP-040
        return usage
    }

    /// Of the last choice, for logs; `nil` while it has none.
    public var finishReason: FinishReason? {
        guard let choice = choices.last else { return calls.contains { $0.block != nil } ? .contentFilter : nil }
        return choice.hasEnded ? choice.reason : nil
    }

    // MARK: Events

    /// Translates one event, which is no error.
    ///
    /// - Parameter call: which upstream call it came from.
    public mutating func translate(
        _ json: borrowing JSONDocument, call: Int = 0, identifiers: inout IdentifierSource,
        into writer: inout JSONWriter
    ) {
        let response = GenerateContentResponse(.root, of: json)
        if created == nil { begin(response, of: json, identifiers: &identifiers) }
        if let node = response.usageMetadata {
            calls[call].usage.update(UsageMetadata(node, of: json))
            calls[call].hasUsage = true
        }
        if let list = response.candidates, !json.isEmpty(list) {
            calls[call].hasCandidates = true
            var elements = json.elements(list)
            var indices = CandidateIndices()
            while let element = elements.next(in: json) {
                var candidate = Candidate(element, of: json)
                indices.complete(&candidate)
                guard let place = choice(plan.calls > 1 ? call : candidate.index, call: call) else { continue }
                choices[place].read(candidate, of: json)
                writeSegments(of: candidate, choice: place, json, identifiers: &identifiers, into: &writer)
            }
        }
        if let feedback = response.promptFeedback {
            let block = PromptBlock(feedback, of: json)
            if block.namesReason || calls[call].block == nil { calls[call].block = block }
        }
    }

    private mutating func begin(
        _ response: GenerateContentResponse, of json: borrowing JSONDocument, identifiers: inout IdentifierSource
    ) {
        let envelope = AnswerEnvelope(response, of: json, now: now, identifiers: &identifiers)
        created = envelope.created
        var writer = JSONWriter(minimumCapacity: 256)
        writer.output.append("]," as StaticString)
        let metadata = plan.echoesServiceTier ? response.usageMetadata.map { UsageMetadata($0, of: json) } : nil
        let isTold = metadata?.trafficType != nil || metadata?.serviceTier != nil
        envelope.write(
            of: json, model: plan.model, into: &writer, object: "chat.completion.chunk",
            serviceTier: isTold ? serviceTier(metadata) : nil)
        usagePlace = writer.output.count
        writer.output.append(plan.streamUsage == .ownChunk ? ",\"usage\":null}\n\n" : "}\n\n" as StaticString)
        tail = writer.output.array()
        if plan.echoesServiceTier, !isTold {
            tierPlace = tail.firstRange(of: Array(",\"system_fingerprint\":".utf8))?.lowerBound
        }
    }

    /// The place of the choice with this index, made when it is new; `nil` when there can be no such choice.
    private mutating func choice(_ index: Int, call: Int) -> Int? {
        if let place = choices.firstIndex(where: { $0.index == index }) { return place }
        guard (0..<Self.maximumChoices).contains(index) else {
            hasImpossibleChoices = true
            return nil
        }
        choices.append(
            StreamChoice(index: index, call: call, plan: plan, digest: digest, remembersAudio: remembersAudio)
        )
        if opened.contains(index) { choices[choices.count - 1].open() }
        return choices.count - 1
    }

    // MARK: Segments

    /// One chunk for each run of parts of one kind (STREAM-023, STREAM-024).
    private mutating func writeSegments(
        of candidate: Candidate, choice place: Int, _ json: borrowing JSONDocument,
        identifiers: inout IdentifierSource, into writer: inout JSONWriter
    ) {
        let count = writer.output.count
        let wasBegun = choices[place].hasRole
        let parts = candidate.content.flatMap { json.value("parts", of: $0) }
        if plan.wantsLogprobs {
            choices[place].add(tokens: JSONWriter.logprobTokens(candidate.logprobsResult, of: json, plan: plan))
        }
        var chunk = ChunkWriter(index: choices[place].index, tail: tail, tokens: choices[place].tokens)
        choices[place].beginEvent(parts, of: json)
        swap(&callIDs, &choices[place].calls.ids)
        if let list = parts {
            var elements = json.elements(list)
            while let element = elements.next(in: json) {
                choices[place].write(
                    element, of: json, chunk: &chunk, identifiers: &identifiers, created: created ?? now,
                    into: &writer
                )
            }
        }
        swap(&callIDs, &choices[place].calls.ids)
        choices[place].endEvent(&chunk, into: &writer)
        guard writer.output.count > count else { return }
        hasWritten = true
        if wasBegun || choices[place].index == 0 { return }
        let own = Array(copying: writer.output.span.extracting(count..<writer.output.count))
        writer.truncate(to: count)
        openChoices(below: choices[place].index, into: &writer)
        writer.output.append(own.span)
    }

    /// Gives each choice that comes before this one a chunk with its role, when it had none.
    ///
    /// OpenAI's SDK for Python puts a choice that is new behind those that it has, whatever its index says, and fails when
    /// the very first one is not 0. Of those that were not seen yet, the ones that the client asked for are known.
    private mutating func openChoices(below index: Int, into writer: inout JSONWriter) {
        for other in 0..<index {
            let place = choices.firstIndex { $0.index == other }
            if place == nil, other >= plan.choices { continue }
            guard place.map({ !choices[$0].hasRole }) ?? opened.insert(other).inserted else { continue }
            if let place { choices[place].open() }
            var chunk = ChunkWriter(index: other, tail: tail)
            chunk.begin(into: &writer)
            writer.raw("\"role\":\"assistant\"")
            chunk.end(into: &writer)
        }
    }

    // MARK: Ending

    /// One upstream call has ended: writes the finish chunks of its choices, and of the whole stream what
    /// belongs to its end.
    public mutating func finish(call: Int = 0, into writer: inout JSONWriter) -> Ending {
        calls[call].hasEnded = true
        let isLast = calls.allSatisfy(\.hasEnded)
        let own = choices.indices.filter { choices[$0].call == call }.sorted { choices[$0].index < choices[$1].index }
        if own.isEmpty {
            guard let block = calls[call].block else { return .empty }
            writeBlocked(block, index: plan.calls > 1 ? call : 0, isLast: isLast, into: &writer)
        } else {
            if let block = calls[call].block, block.namesReason {
                for place in own { choices[place].end(by: block) }
            }
            if hasImpossibleChoices { return .incomplete }
            for place in own where !choices[place].hasEnded { return .incomplete }
            if plan.calls == 1, opened.contains(where: { index in !choices.contains { $0.index == index } }) {
                return .incomplete  // It was opened for a later one, and never came.
            }
            if !hasWritten, !acceptsMalformedCall, own.count == 1, choices[own[0]].isMalformedCall {
                return .malformedCall
            }
            for place in own {
                openChoices(below: choices[place].index, into: &writer)
                let last = isLast && place == own[own.count - 1]
                choices[place].writeFinish(
                    tail: tail, lastTail: last && plan.streamUsage != .ownChunk ? lastTail() : tail,
                    created: created ?? now, into: &writer
                )
                choices[place].collect(into: &remembered)
            }
        }
        hasWritten = true
        if isLast { writeEnd(into: &writer) }
        return .finished
    }

    /// What a call told is not the answer: it is asked for again, and the client got nothing of it.
    public mutating func forget(call: Int) {
        calls[call] = Call()
        choices.removeAll { $0.call == call }
        if choices.isEmpty { callIDs = CallIDs() }
    }

    /// What is to be remembered of an answer that did not come to its end: the client may go on from it.
    public var rememberedSoFar: RememberedAnswer {
        var answer = remembered
        for choice in choices where !calls[choice.call].hasEnded { choice.collect(into: &answer) }
        return answer
    }

    /// No further try is made: ``finish(call:into:)`` then writes the answer as it is.
    public mutating func acceptMalformedCall() { acceptsMalformedCall = true }

    /// The tail of the last chunk: with the tier, where none before told it (RESP-008), and with the usage, unless it
    /// was refused (STREAM-041, STREAM-042).
    private func lastTail() -> [UInt8] {
        var writer = JSONWriter(minimumCapacity: 256)
        if let tierPlace {
            writer.output.append(tail.span.extracting(..<tierPlace))
            writer.output.append(",\"service_tier\":\"" as StaticString)
            writer.output.append(serviceTier(calls.last { $0.hasUsage }?.usage))
            writer.output.append(UInt8(ascii: "\""))
            writer.output.append(tail.span.extracting(tierPlace..<usagePlace))
        } else {
            writer.output.append(tail.span.extracting(..<usagePlace))
        }
        if plan.streamUsage != .none {
            writer.key("usage")
            usage.write(into: &writer)
        }
        writer.endObject()
        writer.output.append("\n\n" as StaticString)
        return writer.output.array()
    }

    /// The usage chunk, when one was asked for, and `[DONE]` (STREAM-003, STREAM-040).
    private func writeEnd(into writer: inout JSONWriter) {
        if plan.streamUsage == .ownChunk {
            writer.output.append("data: {\"choices\":[" as StaticString)
            writer.output.append(lastTail())
        }
        writer.output.append("data: [DONE]\n\n" as StaticString)
    }

    /// A blocked prompt: a chunk with the refusal, and the finish chunk (STREAM-028, STREAM-061).
    private mutating func writeBlocked(
        _ block: PromptBlock, index: Int, isLast: Bool, into writer: inout JSONWriter
    ) {
        openChoices(below: index, into: &writer)
        var chunk = ChunkWriter(index: index, tail: tail)
        chunk.begin(into: &writer)
        writer.key("refusal")
        writer.string(text: block.refusal)
        if opened.insert(index).inserted { writer.raw("\"role\":\"assistant\"") }
        chunk.end(into: &writer)
        let last = isLast && plan.streamUsage != .ownChunk ? lastTail() : tail
        writer.output.append("data: {\"choices\":[{\"delta\":{}," as StaticString)
        writer.output.append(block.content.span)
        writer.output.append(",\"finish_reason\":\"content_filter\",\"index\":" as StaticString)
        writer.output.append(index)
        writer.output.append(",\"logprobs\":null}" as StaticString)
        writer.output.append(last)
    }
}
