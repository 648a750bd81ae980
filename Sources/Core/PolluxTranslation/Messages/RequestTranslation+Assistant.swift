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

/// A call of an assistant message.
struct AssistantCall {
    var id: String
    /// The call itself.
    var node: JSONNode
    /// The string that holds the name.
    var name: JSONNode
    var isLegacy = false
    var message: Int
    var index = 0

    /// `messages[3].tool_calls[0]`
    var path: String {
        isLegacy ? "messages[\(message)].function_call" : "messages[\(message)].tool_calls[\(index)]"
    }
}

extension RequestTranslation {
    /// MSG-023: nothing in it at all.
    func isEmptyAssistant(_ message: Message) -> Bool {
        if let content = message.content, !isEmptyContent(content) { return false }
        if let calls = json.value("tool_calls", of: message.node), !json.isArray(calls) || !json.isEmpty(calls) {
            return false
        }
        for name in ["function_call", "audio", "images"] as [StaticString]
        where json.value(name, of: message.node) != nil { return false }
        for name in ["refusal", "reasoning_content", "reasoning"] as [StaticString] {
            if let node = json.value(name, of: message.node), !json.isEmptyText(node) { return false }
        }
        return extra("thought_signature", "thoughtSignature", of: message.node) == nil
    }

    /// No text, and no part but empty texts.
    private func isEmptyContent(_ content: JSONNode) -> Bool {
        if json.isEmptyText(content) { return true }
        var elements = json.elements(content)
        while let part = elements.next(in: json) {
            guard let type = json.value("type", of: part), json.equals(type, "text"),
                let text = json.value("text", of: part), json.isString(text), json.length(text) == 0,
                partSignature(part) == nil
            else { return false }
        }
        return json.isArray(content)
    }

    /// Writes an assistant message: thoughts, text and media, then calls (02 § 2.3).
    ///
    /// - Returns: its calls, whose results must follow.
    mutating func writeAssistant(
        _ message: Message, before following: ArraySlice<Message>
    ) throws(APIError) -> [AssistantCall] {
        if isEmptyAssistant(message) {
            notes.note(.ignored, message.path, rule: "MSG-023", "nothing in it")
            return []
        }
        var pieces = try assistantPieces(message)
        let calls = try assistantCalls(message)
        var forFirstCall: [UInt8]?
        // A signature belongs to one part: what a client copied to two places stays on the call.
        if let signature = messageSignature(message),
            !calls.contains(where: { callSignature($0.node, id: $0.id) == signature })
        {
            if calls.first?.isLegacy == true {  // SIG-003: it has no other place.
                forFirstCall = signature
            } else if let last = pieces.lastIndex(where: \.isAnswerText) {
                pieces[last].signature = pieces[last].signature ?? signature
            } else if let last = pieces.lastIndex(where: \.isMedia) {
                pieces[last].signature = pieces[last].signature ?? signature
            } else if !calls.isEmpty {
                let isTheirs = !calls.contains { callSignature($0.node, id: $0.id) != nil }
                forFirstCall = isTheirs ? signature : nil
            } else {
                pieces.append(AssistantPiece(content: .bytes([]), signature: signature))
            }
        }
        if pieces.isEmpty, calls.isEmpty { return [] }
        openModelContent(hasCall: !calls.isEmpty || makesCall(following))
        for piece in pieces { try write(piece) }
        for (index, call) in calls.enumerated() {
            try write(call, messageSignature: index == 0 ? forFirstCall : nil)
        }
        return calls
    }

    /// Whether the assistant messages in front make a call: they will be one content.
    private func makesCall(_ messages: ArraySlice<Message>) -> Bool {
        for message in messages where message.role != .system {
            guard message.role == .assistant else { return false }
            if json.value("function_call", of: message.node) != nil { return true }
            if let calls = json.value("tool_calls", of: message.node), json.isArray(calls), !json.isEmpty(calls) {
                return true
            }
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

    private mutating func assistantPieces(_ message: Message) throws(APIError) -> [AssistantPiece] {
        var pieces: [AssistantPiece] = []
        if profile.thinks {
            for name in ["reasoning_content", "reasoning"] as [StaticString] where pieces.isEmpty {
                guard let text = json.value(name, of: message.node), json.isString(text), json.length(text) > 0 else {
                    continue
                }
                pieces.append(AssistantPiece(content: .text(text), isThought: true))
            }
        }
        appendGeneratedMedia(message, to: &pieces)
        let textStart = pieces.count
        if let content = message.content {
            if json.isString(content) {
                appendAssistantText(content, of: message, flag: thoughtFlag(message.node), to: &pieces)
            } else {
                try appendAssistantParts(content, of: message, to: &pieces)
            }
        }
        if pieces.count == textStart, let refusal = json.value("refusal", of: message.node), json.isString(refusal),
            json.length(refusal) > 0
        {
            pieces.append(AssistantPiece(content: .text(refusal)))  // MSG-016
        }
        return pieces
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
                appendAssistantText(text, of: message, flag: thoughtFlag(part), isPart: true, to: &pieces)
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

    // MARK: Calls

    /// `tool_calls`, or the legacy `function_call` (TOOL-046, TOOL-048).
    private func assistantCalls(_ message: Message) throws(APIError) -> [AssistantCall] {
        var calls: [AssistantCall] = []
        if let list = json.value("tool_calls", of: message.node) {
            guard json.isArray(list) else { throw invalidType("\(message.path).tool_calls", "an array", list) }
            var elements = json.elements(list)
            while let call = elements.next(in: json) {
                calls.append(try assistantCall(call, of: message, at: calls.count))
            }
        }
        if calls.isEmpty, let legacy = json.value("function_call", of: message.node) {
            let path = "\(message.path).function_call"
            guard json.isObject(legacy) else { throw invalidType(path, "an object", legacy) }
            guard let name = json.value("name", of: legacy), json.isString(name) else { throw .missing("\(path).name") }
            calls.append(AssistantCall(id: "", node: legacy, name: name, isLegacy: true, message: message.index))
        }
        return calls
    }

    private func assistantCall(
        _ call: JSONNode, of message: Message, at index: Int
    ) throws(APIError) -> AssistantCall {
        func path() -> String { "\(message.path).tool_calls[\(index)]" }
        guard json.isObject(call) else { throw invalidType(path(), "an object", call) }
        let holder = json.value("function", of: call) ?? json.value("custom", of: call)
        guard let holder, json.isObject(holder) else { throw .missing("\(path()).function") }
        guard let name = json.value("name", of: holder) else { throw .missing("\(path()).function.name") }
        guard json.isString(name) else { throw invalidType("\(path()).function.name", "a string", name) }
        let id = json.value("id", of: call)
        if let id, !json.isString(id) { throw invalidType("\(path()).id", "a string", id) }
        return AssistantCall(
            id: id.map { json.string($0) } ?? "", node: call, name: name, message: message.index, index: index)
    }

    private mutating func write(
        _ call: AssistantCall, messageSignature: [UInt8]?
    ) throws(APIError) {
        let node = call.node
        writer.beginObject()
        writer.key("functionCall")
        writer.beginObject()
        if profile.takesFunctionCallIDs, !call.id.isEmpty {
            writer.key("id")
            writer.string(text: call.id)
        }
        writer.key("name")
        writeFunctionName(call.name, path: call.path)
        writer.key("args")
        try writeArguments(of: node, path: call.path)
        writer.endObject()
        if let flag = thoughtFlag(node), flag == .thought {  // THINK-040
            writer.key("thought")
            writer.boolean(true)
        }
        let own = callSignature(node, id: call.id) ?? messageSignature
        if let signature = own ?? placeholder(path: call.path) { writeSignature(signature) }
        content.hasCall = true
        writer.endObject()
    }

    /// `arguments` → `args` (TOOL-047). What some model produced is never refused: that would end the
    /// conversation for good.
    private mutating func writeArguments(of call: JSONNode, path: @autoclosure () -> String) throws(APIError) {
        if let custom = json.value("custom", of: call) {
            writer.beginObject()
            writer.key("input")
            if let input = json.value("input", of: custom), json.isString(input) {
                writer.copy(input, of: json)
            } else {
                writer.string("")
            }
            writer.endObject()
            return
        }
        let holder = json.value("function", of: call) ?? call
        guard let arguments = json.value("arguments", of: holder) else { return writer.raw("{}") }
        if json.isObject(arguments) {
            notes.note(.repaired, "\(path()).function.arguments", rule: "TOOL-047", "an object instead of its text")
            return writer.copy(arguments, of: json)
        }
        guard json.isString(arguments) else {
            throw invalidType("\(path()).function.arguments", "a string", arguments)
        }
        if json.isBlank(arguments) { return writer.raw("{}") }
        var scratch = Scratch()
        swap(&scratch, &self.scratch)
        defer { swap(&scratch, &self.scratch) }
        scratch.bytes.removeAll()
        json.appendText(arguments, to: &scratch.bytes)
        var isObject = true
        let repeatsKeys = scratch.reading { inner in
            isObject = inner.isObject(.root)
            if !isObject {
                writer.beginObject()
                writer.key("value")
            }
            defer { if !isObject { writer.endObject() } }
            return writer.copyOnce(.root, of: inner)
        }
        guard let repeatsKeys else {
            notes.note(.repaired, "\(path()).function.arguments", rule: "TOOL-047", "not JSON: sent as raw_arguments")
            writer.beginObject()
            writer.key("raw_arguments")
            writer.copy(arguments, of: json)
            return writer.endObject()
        }
        if !isObject {
            notes.note(.repaired, "\(path()).function.arguments", rule: "TOOL-047", "not an object: sent as value")
        }
        if repeatsKeys {
            notes.note(
                .repaired, "\(path()).function.arguments", rule: "TOOL-047", "of repeated names the last was sent")
        }
    }
}

extension JSONDocument {
    /// An empty string, an empty array, or something that is neither.
    func isEmptyText(_ node: JSONNode) -> Bool {
        isString(node) ? length(node) == 0 : isArray(node) ? isEmpty(node) : true
    }
}
