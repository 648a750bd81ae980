internal import PolluxGeminiWire
internal import PolluxJSON

/// What must be remembered of one choice while its stream runs.
struct StreamChoice: Sendable {
    /// A run of parts of one kind becomes one chunk.
    enum Segment: Sendable { case thought, answer, calls }

    let index: Int
    /// The upstream call that makes this choice.
    let call: Int
    let plan: ResponsePlan

    /// The last one counts: some models send one with every event (STREAM-027).
    private(set) var finishReason: String?
    var finishContent: [UInt8]?
    /// What ends the choice in place of a reason of its own.
    private(set) var block: PromptBlock?
    var hasRole = false
    /// A chunk with nothing but its role came before its own first one.
    private(set) var wasOpened = false
    var segment: Segment?
    var text: AnswerText
    var calls: StreamCalls
    var images = 0
    var audio: AudioAnswer
    var audioID: String?
    /// The first image went into `audio` (IMG-001): an accumulator would join a second one to it.
    var hasImageInAudio = false
    /// Sent in the finish chunk: of several the last (STREAM-057), of a legacy call its own (SIG-003).
    private(set) var signature: String?
    private var hasSignatureOfCall = false
    var hasAnswerText = false
    var finishMessage: String?
    /// Native metadata for the finish chunk. Each event brings citations of its own.
    var citations: [[UInt8]] = []
    var grounding = StreamGrounding()
    var urlContext: [UInt8] = []
    var rawParts: [[UInt8]] = []
    /// Probabilities of tokens that had no chunk yet.
    private(set) var tokens: [UInt8] = []
    /// The last part was answer text: the next event may go on with it.
    private var endsWithAnswer = false

    init(
        index: Int, call: Int, plan: ResponsePlan, digest: (any ContentDigest)?, remembersAudio: Bool
    ) {
        self.index = index
        self.call = call
        self.plan = plan
        text = AnswerText(thoughts: plan.thoughts)
        text.record = ContentRecord(digest: digest)  // Whether grounding points into the text is known at the end only.
        calls = StreamCalls(plan: plan)
        audio = AudioAnswer(format: plan.audioFormat, remembers: remembersAudio)
    }

    var isMalformedCall: Bool {
        FinishReason.isMalformedCall(finishReason) && !calls.hasAny && !hasAnswerText && images == 0 && audioID == nil
    }

    /// The client got nothing of it, or its role alone.
    var isEmpty: Bool {
        !text.hasText && !hasAnswerText && !calls.hasAny && images == 0 && audioID == nil
    }

    /// A chunk with its role was written ahead of its own.
    mutating func open() {
        hasRole = true
        wasOpened = true
    }

    var hasEnded: Bool { finishReason != nil || block != nil }

    var reason: FinishReason {
        if block != nil { return .contentFilter }
        return FinishReason(gemini: finishReason, madeToolCalls: calls.hasAny, isLegacy: plan.usesLegacyFunctions)
    }

    // MARK: Reading

    /// Notes what stands beside the parts.
    mutating func read(_ candidate: Candidate, of json: borrowing JSONDocument) {
        if let node = candidate.finishMessage { finishMessage = json.string(node) }
        if let node = candidate.finishReason {
            finishReason = json.string(node)
            finishContent = FinishReason.isTelling(finishReason) ? telling(candidate, of: json) : nil
        }
        keepCitations(candidate.citationMetadata, of: json)
        keep(&urlContext, "url_context_metadata", candidate.urlContextMetadata, of: json)
        if let metadata = candidate.groundingMetadata { grounding.add(metadata, of: json) }
    }

    /// The prompt was blocked while the answer came: that is the reason of a choice that has none (RESP-040).
    mutating func end(by block: PromptBlock) {
        if finishReason == nil { self.block = block }
    }

    /// The members that tell of the finish reason, behind a `{`.
    private func telling(_ candidate: Candidate, of json: borrowing JSONDocument) -> [UInt8] {
        var writer = JSONWriter(minimumCapacity: 128)
        writer.beginObject()
        let finish = FinishContent(
            reason: finishReason, message: candidate.finishMessage, safetyRatings: candidate.safetyRatings,
            isFiltered: reason == .contentFilter
        )
        writer.writeFinishContent(finish, of: json)
        return writer.output.array()
    }

    private mutating func keepCitations(_ metadata: JSONNode?, of json: borrowing JSONDocument) {
        guard let list = JSONWriter.citations(metadata, of: json) else { return }
        var elements = json.elements(list)
        while let element = elements.next(in: json) {
            var writer = JSONWriter(minimumCapacity: 128)
            writer.copySnakeCased(element, of: json)
            let citation = writer.output.array()
            if !citations.contains(citation) { citations.append(citation) }
        }
    }

    private func keep(
        _ bytes: inout [UInt8], _ name: StaticString, _ metadata: JSONNode?, of json: borrowing JSONDocument
    ) {
        guard let metadata else { return }
        var writer = JSONWriter(minimumCapacity: 64)
        writer.writeNative(name, metadata, of: json)
        if !writer.output.isEmpty { bytes = writer.output.array() }
    }

    mutating func add(tokens new: [UInt8]) {
        if !tokens.isEmpty, !new.isEmpty { tokens.append(UInt8(ascii: ",")) }
        tokens += new
    }

    // MARK: Parts

    /// A new event has come: a call that waits has its arguments in it, or has none.
    mutating func beginEvent(_ parts: JSONNode?, of json: borrowing JSONDocument) {
        text.continuesPart = endsWithAnswer
        if calls.waitsForArguments, !StreamCalls.bringArguments(parts, of: json) { calls.end() }
    }

    /// Writes what is open.
    mutating func endEvent(_ chunk: inout ChunkWriter, into writer: inout JSONWriter) {
        endSegment(&chunk, into: &writer)
        flushCalls(&chunk, into: &writer)
        tokens = chunk.tokens
    }

    /// Writes one part into the segment that it belongs to.
    mutating func write(
        _ node: JSONNode, of json: borrowing JSONDocument, chunk: inout ChunkWriter,
        identifiers: inout IdentifierSource, created: Int, into writer: inout JSONWriter
    ) {
        let part = Part(node, of: json)
        if let call = part.functionCall {
            if plan.usesLegacyFunctions, !hasSignatureOfCall, let own = part.thoughtSignature,
                ToolCallWriter.isNamed(call, of: json) ? !calls.hasAny : calls.hasUnsigned
            {
                signature = json.string(own)
                hasSignatureOfCall = true
            }
            noteKind(isAnswer: false)
            beginCalls(&chunk, into: &writer)
            calls.read(call, signature: part.thoughtSignature, of: json, identifiers: &identifiers)
            return
        }
        if let own = part.thoughtSignature, !hasSignatureOfCall { signature = json.string(own) }
        if part.isHiddenThought(plan) { return }
        if let textNode = part.text {
            if json.length(textNode) == 0 { return }
            if part.isThought {
                noteKind(isAnswer: false)
                writeThought(textNode, of: json, &chunk, into: &writer)
            } else {
                writeAnswer(textNode, of: json, &chunk, into: &writer)
                noteKind(isAnswer: true)
            }
        } else if let data = part.inlineData {
            noteKind(isAnswer: false)
            writeMedia(data, of: json, &chunk, identifiers: &identifiers, created: created, into: &writer)
        } else if part.executableCode != nil || part.codeExecutionResult != nil || part.fileData != nil {
            noteKind(isAnswer: false)
            keepRaw(node, part, of: json)
            begin(.answer, &chunk, into: &writer)
            hasAnswerText = true
            text.write(other: part, of: json, into: &writer)
            if let image = MediaAnswer.image(part, of: json, listsSpeech: hasImageInAudio) {
                writeImage(image, of: json, &chunk, into: &writer)
            }
        } else if part.toolCall != nil || part.toolResponse != nil {
            noteKind(isAnswer: false)
            keepRaw(node, part, of: json)
        }
    }

    private mutating func noteKind(isAnswer: Bool) {
        endsWithAnswer = isAnswer
        text.continuesPart = false
    }

    private mutating func keepRaw(_ node: JSONNode, _ part: Part, of json: borrowing JSONDocument) {
        if part.fileData != nil { return }
        var raw = JSONWriter(minimumCapacity: 128)
        raw.copySnakeCased(node, of: json)
        rawParts.append(raw.output.array())
    }

    private mutating func writeThought(
        _ node: JSONNode, of json: borrowing JSONDocument, _ chunk: inout ChunkWriter, into writer: inout JSONWriter
    ) {
        switch plan.thoughts {
        case .hidden: return
        case .apart:
            begin(.thought, &chunk, into: &writer)
            writer.fragment(copying: node, of: json)
        case .untagged, .tagged:
            begin(.thought, &chunk, into: &writer)
            text.writeThought(node, of: json, into: &writer)
        }
    }

    private mutating func writeAnswer(
        _ node: JSONNode, of json: borrowing JSONDocument, _ chunk: inout ChunkWriter, into writer: inout JSONWriter
    ) {
        hasAnswerText = true
        begin(.answer, &chunk, into: &writer)
        text.writeAnswer(node, of: json, into: &writer)
    }

    // MARK: Segments

    /// Opens a chunk for this kind of text, unless it is open.
    private mutating func begin(
        _ kind: Segment, _ chunk: inout ChunkWriter, into writer: inout JSONWriter
    ) {
        if segment == kind { return }
        endSegment(&chunk, into: &writer)
        flushCalls(&chunk, into: &writer)
        segment = kind
        chunk.begin(into: &writer)
        writer.key(kind == .thought && plan.thoughts == .apart ? "reasoning_content" : "content")
        writer.beginString()
    }

    /// Calls are collected and written when their run ends.
    private mutating func beginCalls(_ chunk: inout ChunkWriter, into writer: inout JSONWriter) {
        if segment == .calls { return }
        endSegment(&chunk, into: &writer)
        closeTag(&chunk, into: &writer)
        segment = .calls
    }

    /// STREAM-053: the closing tag before calls and media is a chunk of its own.
    mutating func closeTag(_ chunk: inout ChunkWriter, into writer: inout JSONWriter) {
        guard text.isInsideTag else { return }
        chunk.begin(into: &writer)
        writer.key("content")
        writer.beginString()
        text.closeTag(into: &writer)
        writer.endString()
        writeRole(into: &writer)
        chunk.end(into: &writer)
    }

    /// Ends the open chunk.
    mutating func endSegment(_ chunk: inout ChunkWriter, into writer: inout JSONWriter) {
        switch segment {
        case nil: return
        case .calls:
            segment = nil
            flushCalls(&chunk, into: &writer)
        case .thought, .answer:
            writer.endString()
            if segment == .thought, plan.thoughts != .apart {
                writer.key("extra_content")
                writer.raw("{\"google\":{\"thought\":true}}")
            }
            writeRole(into: &writer)
            segment = nil
            chunk.end(into: &writer)
        }
    }

    mutating func writeRole(into writer: inout JSONWriter) {
        if hasRole { return }
        hasRole = true
        writer.raw("\"role\":\"assistant\"")
    }

    /// Writes the calls that wait for nothing.
    mutating func flushCalls(_ chunk: inout ChunkWriter, into writer: inout JSONWriter) {
        guard let entries = calls.takePending() else { return }
        chunk.begin(into: &writer)
        writeCalls(entries, into: &writer)
        chunk.end(into: &writer)
    }

    private mutating func writeCalls(_ entries: [UInt8], into writer: inout JSONWriter) {
        if plan.usesLegacyFunctions {
            writer.key("function_call")
            writer.output.append(entries.span)
            writeRole(into: &writer)
        } else {
            writeRole(into: &writer)
            writer.key("tool_calls")
            writer.output.append("[" as StaticString)
            writer.output.append(entries.span)
            writer.output.append("]" as StaticString)
        }
    }
}
