internal import PolluxJSON
internal import PolluxOpenAIWire

/// One element of `messages`, as far as its place in the conversation goes.
struct Message {
    enum Role {
        case system, user, assistant, tool, function

        init?(_ word: Span<UInt8>) {
            switch word.count {
            case 4 where word.matches("user"): self = .user
            case 4 where word.matches("tool"): self = .tool
            case 9 where word.matches("assistant"): self = .assistant
            case 6 where word.matches("system"), 9 where word.matches("developer"): self = .system
            case 8 where word.matches("function"): self = .function
            default: return nil
            }
        }
    }

    var role: Role
    var fields: ChatObject
    var index: Int

    /// `content`; `nil` when absent or null.
    var content: JSONNode? { fields[.content] }

    /// `messages[3]`
    var path: String { "messages[\(index)]" }
    var isResult: Bool { role == .tool || role == .function }
}

extension RequestTranslation {
    /// Reads roles and contents of all messages (REQ-001, MSG-006, MSG-013).
    mutating func readMessages() throws(APIError) -> [Message] {
        guard let node = request[.messages] else { throw .missing("messages") }
        guard json.isArray(node) else { throw invalidType("messages", "an array of objects", node) }
        guard !json.isEmpty(node) else { throw .emptyArray("messages") }
        var messages = buffers.messages
        buffers.messages = []
        var elements = json.elements(node)
        while let element = elements.next(in: json) {
            let index = messages.count
            guard json.isObject(element) else { throw invalidType("messages[\(index)]", "an object", element) }
            let fields = ChatObject(element, of: json)
            let message = Message(role: try role(fields[.role], at: index), fields: fields, index: index)
            try checkContent(message)
            try checkMembers(message)
            messages.append(message)
        }
        return messages
    }

    private func role(_ role: JSONNode?, at index: Int) throws(APIError) -> Message.Role {
        if let role {
            guard json.isString(role) else { throw invalidType("messages[\(index)].role", "a string", role) }
            if let known = json.withText(role, { Message.Role($0) }) { return known }
        }
        throw .invalidValue(
            "messages[\(index)].role", found: role.map { json.string($0) } ?? "",
            supported: ["system", "assistant", "user", "function", "tool", "developer"]
        )
    }

    private func checkContent(_ message: Message) throws(APIError) {
        if let content = message.content {
            guard json.isString(content) || json.isArray(content) else {
                throw invalidType("\(message.path).content", "a string or an array of content parts", content)
            }
            if json.isArray(content), json.isEmpty(content), message.role == .user {
                throw .emptyArray("\(message.path).content")
            }
            return
        }
        switch message.role {
        case .tool, .function: return  // TOOL-039
        case .assistant:
            // Thoughts alone are what a stream that ended early leaves (THINK-033).
            for field in [
                .toolCalls, .functionCall, .refusal, .audio, .images, .reasoningContent, .reasoning,
            ] as [ChatObject.Field]
            where message.fields[field] != nil { return }
        default: break
        }
        throw .badRequest(
            "Invalid value for 'content': expected a string, got null.", param: "\(message.path).content",
            code: "invalid_type"
        )
    }

    /// Members beside the content must be of their types, also those without effect (GEN-003).
    private func checkMembers(_ message: Message) throws(APIError) {
        let fields = message.fields
        if message.role == .tool, let id = fields[.toolCallID], !json.isString(id) {
            throw invalidType("\(message.path).tool_call_id", "a string", id)
        }
        if let name = fields[.name], !json.isString(name) {
            throw invalidType("\(message.path).name", "a string", name)
        }
        guard message.role == .assistant else { return }
        if let refusal = fields[.refusal], !json.isString(refusal) {
            throw invalidType("\(message.path).refusal", "a string", refusal)
        }
        if let audio = fields[.audio], !json.isObject(audio) {
            throw invalidType("\(message.path).audio", "an object", audio)
        }
    }

    // MARK: System instruction

    /// Whether the messages leave something in `contents`.
    private func leaveContent(_ messages: [Message]) -> Bool {
        for message in messages where message.role != .system {
            if message.role != .assistant || !isEmptyAssistant(message) { return true }
        }
        return false
    }

    /// System and developer messages → `systemInstruction`, one part for each text (MSG-001).
    ///
    /// When nothing else is left they are the conversation (MSG-007).
    mutating func writeSystemInstruction(_ messages: [Message]) {
        guard messages.contains(where: { $0.role == .system }), leaveContent(messages) else { return }
        var isOpen = false
        for message in messages where message.role == .system {
            forEachText(message) { text, translation in
                if translation.json.length(text) == 0 { return }
                if !isOpen {
                    isOpen = true
                    translation.writer.key("systemInstruction")
                    translation.writer.beginObject()
                    translation.writer.key("parts")
                    translation.writer.beginArray()
                }
                translation.writeText(text)
            }
        }
        if isOpen {
            writer.endArray()
            writer.endObject()
        }
    }

    /// Hands on each text of a message's content.
    mutating func forEachText(_ message: Message, _ body: (JSONNode, inout RequestTranslation) -> Void) {
        guard let content = message.content else { return }
        if json.isString(content) { return body(content, &self) }
        var elements = json.elements(content)
        while let part = elements.next(in: json) {
            if let text = json.value("text", of: part), json.isString(text) { body(text, &self) }
        }
    }

    /// System content must be text (MSG-015).
    func checkSystemParts(_ message: Message) throws(APIError) {
        guard let content = message.content, json.isArray(content) else { return }
        var elements = json.elements(content)
        var index = 0
        while let part = elements.next(in: json) {
            let type = try partType(part, message.path, index)
            guard type == "text" else {
                throw .invalidValue(
                    "\(message.path).content[\(index)].type", found: type, supported: ["text"]
                )
            }
            _ = try payload("text", of: part, "\(message.path).content[\(index)]", isString: true)
            index += 1
        }
    }

    mutating func writeText(_ node: JSONNode) {
        writer.raw("{\"text\":")
        writer.copy(node, of: json)
        writer.endObject()
    }
}
