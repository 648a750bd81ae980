internal import PolluxGeminiWire
internal import PolluxJSON
internal import PolluxOpenAIWire

/// Writes the `message` of one choice, its members in the order of the alphabet.
struct MessageWriter: ~Copyable {
    let choice: ChoiceSummary
    let plan: ResponsePlan
    let created: Int
    private var text: AnswerText
    private var signedCalls: [(id: String, signature: String)] = []
    /// Ids of the choices before, and of this one.
    var callIDs = CallIDs()
    private var messageSignature: String?
    /// Whether signatures are remembered.
    private let remembers: Bool
    private let remembersAudio: Bool
    private var spoken: RememberedAudio?

    init(
        choice: consuming ChoiceSummary, plan: ResponsePlan, created: Int, remembers: Bool,
        digest: () -> (any ContentDigest)?, remembersAudio: Bool
    ) {
        text = AnswerText(thoughts: plan.thoughts)
        let isToBeFound = remembers && (choice.signature != nil || choice.hasThoughtText)
        if isToBeFound || choice.candidate.groundingMetadata != nil {
            text.record = ContentRecord(digest: isToBeFound ? digest() : nil)
        }
        self.choice = choice
        self.plan = plan
        self.created = created
        self.remembers = remembers
        self.remembersAudio = remembersAudio
    }

    mutating func write(
        of json: borrowing JSONDocument, identifiers: inout IdentifierSource, into writer: inout JSONWriter
    ) {
        if remembers, let signature = choice.signature { messageSignature = json.string(signature) }
        writer.beginObject()
        if choice.candidate.groundingMetadata == nil {
            writeAudio(of: json, identifiers: &identifiers, into: &writer)
            writer.key("content")
            writeContent(of: json, into: &writer)
        } else {
            // `annotations` come first but need the text: it is written behind them.
            var content = JSONWriter(minimumCapacity: 0)
            writeContent(of: json, into: &content)
            writer.writeAnnotations(choice.candidate.groundingMetadata, of: json, text: text.record)
            writeAudio(of: json, identifiers: &identifiers, into: &writer)
            writer.key("content")
            writer.raw(content.output.span)
        }
        writeExtraContent(of: json, into: &writer)
        if plan.usesLegacyFunctions { writeFunctionCall(of: json, into: &writer) }
        writeImages(of: json, into: &writer)
        writeReasoning(of: json, into: &writer)
        if let refusal = choice.refusal(of: json, writesText: writesText) {
            writer.key("refusal")
            writer.string(text: refusal)
            writer.output.append(",\"role\":\"assistant\"" as StaticString)
        } else {
            writer.output.append(",\"refusal\":null,\"role\":\"assistant\"" as StaticString)
        }
        if !plan.usesLegacyFunctions { writeToolCalls(of: json, identifiers: &identifiers, into: &writer) }
        writer.endObject()
    }

    /// Hands over what the vault should keep.
    func collect(into remembered: inout RememberedAnswer) {
        if !signedCalls.isEmpty { remembered.calls += signedCalls }
        if let message = text.record?.remembered(signature: messageSignature) { remembered.messages.append(message) }
        if let spoken { remembered.audio.append(spoken) }
    }

    private func shownParts(of json: borrowing JSONDocument) -> ShownParts {
        ShownParts(choice.parts, of: json, plan: plan)
    }

    // MARK: Text

    private var showsThoughtsInContent: Bool { plan.thoughts != .hidden && plan.thoughts != .apart }

    private var writesText: Bool { choice.hasAnswerText || showsThoughtsInContent && choice.hasThoughtText }

    private mutating func writeContent(of json: borrowing JSONDocument, into writer: inout JSONWriter) {
        if choice.contentIsNull(writesText: writesText) { return writer.null() }
        writer.beginString()
        var parts = shownParts(of: json)
        while let part = parts.next(in: json) {
            if let node = part.text {
                if json.length(node) == 0 {
                    if !part.isThought { text.skipAnswer() }
                } else if !part.isThought {
                    text.writeAnswer(node, of: json, into: &writer)
                } else if showsThoughtsInContent {
                    text.writeThought(node, of: json, into: &writer)
                }
            } else {
                text.write(other: part, of: json, into: &writer)
            }
        }
        text.closeTag(into: &writer)
        writer.endString()
    }

    private mutating func writeReasoning(of json: borrowing JSONDocument, into writer: inout JSONWriter) {
        guard plan.thoughts == .apart, choice.hasThoughtText else { return }
        writer.key("reasoning_content")
        writer.beginString()
        var parts = shownParts(of: json)
        while let part = parts.next(in: json) {
            if part.isThought, let node = part.text { writer.fragment(copying: node, of: json) }
        }
        writer.endString()
    }

    // MARK: Beside the text

    private func writeExtraContent(of json: borrowing JSONDocument, into writer: inout JSONWriter) {
        let candidate = choice.candidate
        let hasThoughts = showsThoughtsInContent && choice.hasThoughtText
        guard
            candidate.citationMetadata != nil || candidate.groundingMetadata != nil || choice.hasRawParts
                || hasThoughts || choice.signature != nil || candidate.urlContextMetadata != nil
        else { return }
        writer.key("extra_content")
        let start = writer.output.count
        writer.raw("{\"google\":{")
        let empty = writer.output.count
        writer.writeCitationMetadata(candidate.citationMetadata, of: json)
        writer.writeNative("grounding_metadata", candidate.groundingMetadata, of: json)
        if choice.hasRawParts, let parts = choice.parts {
            writer.key("parts")
            writer.beginArray()
            var elements = json.elements(parts)
            while let element = elements.next(in: json) {
                let part = Part(element, of: json)
                if part.isRaw, !part.isHiddenThought(plan) { writer.copySnakeCased(element, of: json) }
            }
            writer.endArray()
        }
        if hasThoughts {
            writer.key("thought")
            writer.boolean(true)
        }
        if let signature = choice.signature {
            writer.key("thought_signature")
            writer.copy(signature, of: json)
        }
        writer.writeNative("url_context_metadata", candidate.urlContextMetadata, of: json)
        if writer.output.count == empty {
            writer.truncate(to: start)
            writer.dropKey("extra_content")
        } else {
            writer.endObject()
            writer.endObject()
        }
    }

    // MARK: Calls

    private func writeFunctionCall(of json: borrowing JSONDocument, into writer: inout JSONWriter) {
        guard let call = choice.calls.first else { return }
        let calls = ToolCallWriter(toolNames: plan.toolNames)
        writer.key("function_call")
        calls.writeFunction(
            name: calls.name(call.node, of: json), arguments: call.arguments, of: json, into: &writer
        )
    }

    private mutating func writeToolCalls(
        of json: borrowing JSONDocument, identifiers: inout IdentifierSource, into writer: inout JSONWriter
    ) {
        guard !choice.calls.isEmpty else { return }
        let calls = ToolCallWriter(toolNames: plan.toolNames)
        writer.key("tool_calls")
        writer.beginArray()
        for call in choice.calls {
            let id = ToolCallWriter.id(call.node, of: json, ids: &callIDs, identifiers: &identifiers)
            if remembers, let signature = call.signature { signedCalls.append((id, json.string(signature))) }
            calls.write(
                name: calls.name(call.node, of: json), id: id, arguments: call.arguments,
                signature: call.signature, index: nil, of: json, into: &writer
            )
            if plan.returnsOneCall { break }
        }
        writer.endArray()
    }

    // MARK: Media

    private func writeImages(of json: borrowing JSONDocument, into writer: inout JSONWriter) {
        guard choice.images > 0 || choice.hasFiles else { return }
        var index = 0
        var isOpen = false
        var parts = shownParts(of: json)
        while let part = parts.next(in: json) {
            guard let image = MediaAnswer.image(part, of: json, listsSpeech: choice.hasImageInAudio) else { continue }
            if !isOpen {
                isOpen = true
                writer.key("images")
                writer.beginArray()
            }
            writer.writeImage(image, index: index, of: json)
            index += 1
        }
        if isOpen { writer.endArray() }
    }

    /// `audio`: speech, or the first image in Google's shape (IMG-001, AUD-005).
    private mutating func writeAudio(
        of json: borrowing JSONDocument, identifiers: inout IdentifierSource, into writer: inout JSONWriter
    ) {
        if choice.hasAudio {
            var audio = AudioAnswer(format: plan.audioFormat, remembers: remembersAudio)
            var parts = shownParts(of: json)
            while let part = parts.next(in: json) {
                if let data = part.inlineData, MediaAnswer.isAudio(data, of: json) { audio.append(data, of: json) }
            }
            writer.key("audio")
            writer.beginObject()
            writer.key("data")
            writer.string(utf8: audio.wholeBase64().span)
            let id = "audio_" + identifiers.hexadecimal(24)
            spoken = audio.remembered(id: id)
            return writer.writeAudioTail(id: id, encoding: audio.encoding, created: created)
        }
        guard choice.hasImageInAudio else { return }
        var parts = shownParts(of: json)
        while let part = parts.next(in: json) {
            guard let data = part.inlineData else { continue }
            writer.key("audio")
            return writer.writeImageAsAudio(
                data, id: "audio_" + identifiers.hexadecimal(24), created: created, of: json)
        }
    }
}

extension AnswerText {
    /// Parts that are shown as text although they are none.
    mutating func write(other part: Part, of json: borrowing JSONDocument, into writer: inout JSONWriter) {
        if let code = part.executableCode {
            writeFence("python", json.value("code", of: code), of: json, into: &writer)
        } else if let result = part.codeExecutionResult {
            let outcome = json.value("outcome", of: result).map { json.string($0) } ?? "OUTCOME_OK"
            writeFence(
                "output", firstLine: outcome == "OUTCOME_OK" ? nil : outcome, json.value("output", of: result),
                of: json, into: &writer
            )
        } else if let file = part.fileData, let uri = json.value("fileUri", of: file), json.isString(uri) {
            writeAddress(uri, of: json, into: &writer)
        } else if part.functionCall != nil || part.inlineData != nil {
            closeTag(into: &writer)
        }
    }
}

extension JSONWriter {
    /// Takes back a key that was written last, with its comma.
    mutating func dropKey(_ name: StaticString) {
        var count = output.count - name.utf8CodeUnitCount - 3
        if count > 0, output[count - 1] == UInt8(ascii: ",") { count -= 1 }
        truncate(to: count)
    }
}
