internal import PolluxJSON
internal import PolluxOpenAIWire

/// A piece of an assistant message, before it is written.
struct AssistantPiece {
    enum Content {
        /// A string of the request.
        case text(JSONNode)
        /// Text that was cut out of one.
        case bytes([UInt8])
        /// Generated media that comes back.
        case media(MediaSource, mimeType: String)
        /// A media part, as users send them.
        case part(JSONNode, type: String, path: String)
    }

    var content: Content
    var isThought = false
    var signature: [UInt8]?

    var isAnswerText: Bool { !isMedia && !isThought }

    var isMedia: Bool {
        switch content {
        case .text, .bytes: false
        case .media, .part: true
        }
    }
}

extension RequestTranslation {
    /// MSG-023: nothing in it at all.
    func isEmptyAssistant(_ message: Message) -> Bool {
        if let content = message.content, !isEmptyContent(content) { return false }
        let fields = message.fields
        if let calls = fields[.toolCalls], !json.isArray(calls) || !json.isEmpty(calls) { return false }
        for field in [.functionCall, .images] as [ChatObject.Field] where fields[field] != nil { return false }
        if let audio = fields[.audio], !isUnknownSpeech(audio) { return false }
        if let refusal = fields[.refusal], !json.isEmptyText(refusal) { return false }
        if profile.thinks {
            for field in [.reasoningContent, .reasoning] as [ChatObject.Field] {
                if let text = fields[field], !json.isEmptyText(text) { return false }
            }
        }
        return extra("thought_signature", "thoughtSignature", of: fields) == nil
    }

    /// No text, and no part but empty texts and refusals.
    private func isEmptyContent(_ content: JSONNode) -> Bool {
        if json.isEmptyText(content) { return true }
        var elements = json.elements(content)
        while let part = elements.next(in: json) {
            guard let type = json.value("type", of: part), json.equals(type, "text") || json.equals(type, "refusal"),
                let text = json.member(named: json.string(type), of: part), json.isString(text),
                json.length(text) == 0, partSignature(part) == nil
            else { return false }
        }
        return json.isArray(content)
    }

    /// Writes an assistant message: thoughts, text and media, then calls (02 § 2.3).
    ///
    /// - Parameter calls: takes its calls, whose results must follow.
    mutating func writeAssistant(
        _ message: Message, before following: ArraySlice<Message>, calls: inout [AssistantCall]
    ) throws(APIError) {
        if isEmptyAssistant(message) {
            return notes.note(.ignored, message.path, rule: "MSG-023", "nothing in it")
        }
        var pieces = buffers.pieces
        buffers.pieces = []
        defer {
            pieces.removeAll(keepingCapacity: true)
            buffers.pieces = pieces
        }
        try readPieces(of: message, into: &pieces)
        try readCalls(of: message, into: &calls)
        var forFirstCall: [UInt8]?
        // A signature belongs to one part: what a client copied to two places stays on the call.
        if let signature = messageSignature(message),
            !calls.contains(where: { callSignature($0) == signature })
        {
            if calls.first?.isLegacy == true {  // SIG-003: it has no other place.
                forFirstCall = signature
            } else if let last = pieces.lastIndex(where: \.isAnswerText) {
                pieces[last].signature = pieces[last].signature ?? signature
            } else if let last = pieces.lastIndex(where: \.isMedia) {
                pieces[last].signature = pieces[last].signature ?? signature
            } else if !calls.isEmpty {
                let isTheirs = !calls.contains { callSignature($0) != nil }
                forFirstCall = isTheirs ? signature : nil
            } else {
                pieces.append(AssistantPiece(content: .bytes([]), signature: signature))
            }
        }
        if pieces.isEmpty, calls.isEmpty { return }
        openModelContent(hasCall: isFirstContent && (!calls.isEmpty || makesCall(following)))
        for piece in pieces { try write(piece) }
        for (index, call) in calls.enumerated() {
            try write(call, messageSignature: index == 0 ? forFirstCall : nil)
        }
    }

    /// Whether the assistant messages in front make a call: they will be one content.
    private func makesCall(_ messages: ArraySlice<Message>) -> Bool {
        for message in messages where message.role != .system {
            guard message.role == .assistant else { return false }
            if message.fields[.functionCall] != nil { return true }
            if let calls = message.fields[.toolCalls], json.isArray(calls), !json.isEmpty(calls) { return true }
        }
        return false
    }

    /// MSG-021: a conversation that begins with a call gets a user turn before it.
    private mutating func openModelContent(hasCall: Bool) {
        if hasCall, isFirstContent {
            openContent(.user)
            writer.raw("{\"text\":\" \"}")
            notes.note(.repaired, "messages", rule: "MSG-021", "a user turn was put before the first call")
        }
        openContent(.model)
    }

    // MARK: Text and media

    private mutating func readPieces(
        of message: Message, into pieces: inout [AssistantPiece]
    ) throws(APIError) {
        if profile.thinks {
            for field in [.reasoningContent, .reasoning] as [ChatObject.Field] where pieces.isEmpty {
                guard let text = message.fields[field], json.isString(text), json.length(text) > 0 else { continue }
                pieces.append(AssistantPiece(content: .text(text), isThought: true))
            }
        } else if notes.isOn {
            for (field, name) in [(.reasoningContent, "reasoning_content"), (.reasoning, "reasoning")]
                as [(ChatObject.Field, String)] where message.fields[field].map({ !json.isEmptyText($0) }) ?? false
            {
                notes.note(.ignored, "\(message.path).\(name)", rule: "THINK-044", "the model does not think")
            }
        }
        appendGeneratedMedia(message, to: &pieces)
        let textStart = pieces.count
        if let content = message.content {
            if json.isString(content) {
                appendAssistantText(content, of: message, flag: thoughtFlag(message.fields), to: &pieces)
            } else {
                try appendAssistantParts(content, of: message, to: &pieces)
            }
        }
        if pieces.count == textStart, let refusal = message.fields[.refusal], json.isString(refusal),
            json.length(refusal) > 0
        {
            pieces.append(AssistantPiece(content: .text(refusal)))  // MSG-016
        }
    }

    private mutating func appendAssistantParts(
        _ content: JSONNode, of message: Message, to pieces: inout [AssistantPiece]
    ) throws(APIError) {
        var elements = json.elements(content)
        var index = 0
        while let part = elements.next(in: json) {
            let path = "\(message.path).content[\(index)]"
            let start = pieces.count
            switch try partType(part, message.path, index) {
            case "text":
                let text = try payload("text", of: part, path, isString: true)
                appendAssistantText(
                    text, of: message, flag: thoughtFlag(ChatObject(part, of: json)), isPart: true, to: &pieces)
            case "refusal":
                let text = try payload("refusal", of: part, path, isString: true)
                if json.length(text) > 0 { pieces.append(AssistantPiece(content: .text(text))) }
            case let type where Self.userPartTypes.contains(type):
                pieces.append(AssistantPiece(content: .part(part, type: type, path: path)))
            case let other:
                throw .invalidValue("\(path).type", found: other, supported: Self.userPartTypes + ["refusal"])
            }
            if let signature = partSignature(part) {  // SIG-008
                if pieces.count == start { pieces.append(AssistantPiece(content: .bytes([]))) }
                pieces[pieces.count - 1].signature = signature
            }
            index += 1
        }
    }

    private mutating func write(_ piece: AssistantPiece) throws(APIError) {
        switch piece.content {
        case .text(let node):
            writer.beginObject()
            writer.key("text")
            writer.copy(node, of: json)
        case .bytes(let bytes):
            writer.beginObject()
            writer.key("text")
            writer.string(utf8: bytes.span)
        case .media(let source, let mimeType):
            writer.beginObject()
            writeData(source, mimeType: mimeType)
        case .part(let node, let type, let path):
            try writeMediaPart(node, type: type, path: { path })
            writer.truncate(to: writer.output.count - 1)  // Open again, for the signature.
        }
        if piece.isThought {
            writer.key("thought")
            writer.boolean(true)
        }
        if let signature = piece.signature { writeSignature(signature) }
        writer.endObject()
    }
}

extension JSONDocument {
    /// An empty string, an empty array, or something that is neither.
    func isEmptyText(_ node: JSONNode) -> Bool {
        isString(node) ? length(node) == 0 : isArray(node) ? isEmpty(node) : true
    }
}
