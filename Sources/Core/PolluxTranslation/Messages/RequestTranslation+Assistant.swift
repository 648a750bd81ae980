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
    /// The string that holds the id, unless it is empty.
    var id: JSONNode?
    var fields: ChatObject
    /// `function` or `custom`, or the legacy `function_call` itself.
    var function: ChatObject
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

    // MARK: Calls

    /// `tool_calls`, or the legacy `function_call` (TOOL-046, TOOL-048).
    private func readCalls(of message: Message, into calls: inout [AssistantCall]) throws(APIError) {
        if let list = message.fields[.toolCalls] {
            guard json.isArray(list) else { throw invalidType("\(message.path).tool_calls", "an array", list) }
            var elements = json.elements(list)
            while let call = elements.next(in: json) {
                calls.append(try assistantCall(call, of: message, at: calls.count))
            }
        }
        if calls.isEmpty, let legacy = message.fields[.functionCall] {
            let path = "\(message.path).function_call"
            guard json.isObject(legacy) else { throw invalidType(path, "an object", legacy) }
            let fields = ChatObject(legacy, of: json)
            guard let name = fields[.name], json.isString(name) else { throw .missing("\(path).name") }
            calls.append(
                AssistantCall(fields: fields, function: fields, name: name, isLegacy: true, message: message.index))
        }
    }

    private func assistantCall(
        _ call: JSONNode, of message: Message, at index: Int
    ) throws(APIError) -> AssistantCall {
        func path() -> String { "\(message.path).tool_calls[\(index)]" }
        guard json.isObject(call) else { throw invalidType(path(), "an object", call) }
        let fields = ChatObject(call, of: json)
        if let type = fields[.type], !json.isString(type) { throw invalidType("\(path()).type", "a string", type) }
        guard let holder = fields[.function] ?? fields[.custom], json.isObject(holder) else {
            throw .missing("\(path()).function")
        }
        let function = ChatObject(holder, of: json)
        guard let name = function[.name] else { throw .missing("\(path()).function.name") }
        guard json.isString(name) else { throw invalidType("\(path()).function.name", "a string", name) }
        var id = fields[.id]
        if let given = id {
            guard json.isString(given) else { throw invalidType("\(path()).id", "a string", given) }
            if json.length(given) == 0 { id = nil }
        }
        return AssistantCall(
            id: id, fields: fields, function: function, name: name, message: message.index, index: index)
    }

    private mutating func write(
        _ call: AssistantCall, messageSignature: [UInt8]?
    ) throws(APIError) {
        writer.raw("{\"functionCall\":{")
        writeCallID(call)
        writer.key("name")
        writeFunctionName(call.name, path: call.path)
        writer.key("args")
        try writeArguments(of: call)
        writer.endObject()
        if let flag = thoughtFlag(call.fields), flag == .thought {  // THINK-040
            writer.key("thought")
            writer.boolean(true)
        }
        let own = callSignature(call) ?? messageSignature
        if let signature = own ?? placeholder(path: call.path) { writeSignature(signature) }
        content.hasCall = true
        writer.endObject()
    }

    /// The `id` of a call and of its result, for models that take it.
    mutating func writeCallID(_ call: AssistantCall) {
        guard profile.takesFunctionCallIDs, let id = call.id else { return }
        writer.key("id")
        writer.copy(id, of: json)
    }

    /// `arguments` → `args` (TOOL-047). What some model produced is never refused: that would end the
    /// conversation for good.
    private mutating func writeArguments(of call: AssistantCall) throws(APIError) {
        func path() -> String { call.path }
        if call.fields[.custom] != nil, !call.isLegacy {
            writer.beginObject()
            writer.key("input")
            if let custom = call.fields[.custom], let input = json.value("input", of: custom), json.isString(input) {
                writer.copy(input, of: json)
            } else {
                writer.string("")
            }
            writer.endObject()
            return
        }
        guard let arguments = call.function[.arguments] else { return writer.raw("{}") }
        if json.isObject(arguments) {
            notes.note(.repaired, "\(path()).function.arguments", rule: "TOOL-047", "an object instead of its text")
            writer.copyOnce(arguments, of: json)
            return
        }
        guard json.isString(arguments) else {
            throw invalidType("\(path()).function.arguments", "a string", arguments)
        }
        if json.isBlank(arguments) { return writer.raw("{}") }
        var scratch = Scratch()
        swap(&scratch, &self.scratch)
        defer { swap(&scratch, &self.scratch) }
        scratch.bytes.removeAll()
        json.appendJSONText(arguments, to: &scratch.bytes)
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
