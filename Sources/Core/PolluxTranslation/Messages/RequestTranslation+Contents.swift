internal import PolluxJSON
internal import PolluxOpenAIWire

/// Contents being written: which one is open, so that neighbours of the same role become one (MSG-020).
struct OpenContent {
    enum Kind { case user, model, functionResponse }

    var kind: Kind?
    /// The open content has a function call already: only the first one needs a signature.
    var hasCall = false
}

extension RequestTranslation {
    /// The conversation → `contents`.
    mutating func writeContents(_ messages: [Message]) throws(APIError) {
        writer.key("contents")
        writer.beginArray()
        content = OpenContent()
        var calls = buffers.calls
        buffers.calls = []
        defer { buffers.calls = calls }
        var at = 0
        while at < messages.count {
            let message = messages[at]
            at += 1
            switch message.role {
            case .system: try checkSystemParts(message)
            case .user: try writeUser(message)
            case .assistant:
                calls.removeAll(keepingCapacity: true)
                try writeAssistant(message, before: messages[at...], calls: &calls)
                if !calls.isEmpty { try writeResults(of: calls, by: message, messages, &at) }
            case .tool, .function: try writeOrphan(message)
            }
        }
        if isFirstContent { try writeSystemAsUser(messages) }
        try endWithUser(messages)
        closeContent()
        writer.endArray()
    }

    /// Nothing was written into `contents` yet.
    var isFirstContent: Bool { writer.output.last == UInt8(ascii: "[") }

    /// Opens a content of this kind, unless it is open already.
    mutating func openContent(_ kind: OpenContent.Kind) {
        if content.kind == kind { return }
        closeContent()
        content = OpenContent(kind: kind)
        if kind == .model {
            writer.raw("{\"role\":\"model\",\"parts\":[")
        } else {
            writer.raw("{\"role\":\"user\",\"parts\":[")
        }
    }

    mutating func closeContent() {
        guard content.kind != nil else { return }
        writer.endArray()
        writer.endObject()
        content = OpenContent()
    }

    /// MSG-007: only system messages.
    private mutating func writeSystemAsUser(_ messages: [Message]) throws(APIError) {
        for message in messages where message.role == .system {
            openContent(.user)
            try writeUserParts(message)
            notes.note(.changed, message.path, rule: "MSG-007", "sent as a user message")
        }
        guard !isFirstContent else {
            throw .badRequest(
                "Invalid 'messages': no message has any content.", param: "messages", code: "invalid_value"
            )
        }
    }

    /// MSG-022: some models refuse to continue their own turn.
    private mutating func endWithUser(_ messages: [Message]) throws(APIError) {
        guard content.kind == .model, !profile.mayEndWithModelTurn else { return }
        var policy = settings.trailingAssistant
        if let node = google.trailingAssistant {
            guard let wanted = TranslationSettings.TrailingAssistant(rawValue: json.string(node)) else {
                throw .invalidValue(
                    "extra_body.pollux.trailing_assistant", found: json.string(node), supported: ["continue", "error"]
                )
            }
            policy = wanted
        }
        let last = messages.last { $0.role == .assistant }?.path ?? "messages"
        switch policy {
        case .error:
            throw .badRequest(
                "The last message must not have role 'assistant' for this model.", param: last, code: "invalid_value"
            )
        case .continue:
            openContent(.user)
            writer.raw(
                "{\"text\":\"Continue exactly from where your previous message ended. Do not repeat any of it.\"}"
            )
            notes.note(.repaired, last, rule: "MSG-022", "a user turn that asks to continue was added")
        }
    }

    // MARK: User messages

    private mutating func writeUser(_ message: Message) throws(APIError) {
        openContent(.user)
        try writeUserParts(message)
    }

    /// One part for a string, one for each element of an array (MSG-010, MSG-011).
    private mutating func writeUserParts(_ message: Message) throws(APIError) {
        guard let node = message.content else { return }
        if json.isString(node) { return writeText(node) }
        var wrote = false
        var elements = json.elements(node)
        var index = 0
        while let part = elements.next(in: json) {
            let path = { [index] in "\(message.path).content[\(index)]" }
            let type = try partType(part, message.path, index)
            if type == "text" {
                let text = try payload("text", of: part, path(), isString: true)
                if json.length(text) > 0 {
                    writeText(text)
                    wrote = true
                }
            } else {
                try writeMediaPart(part, type: type, path: path)
                wrote = true
            }
            index += 1
        }
        if !wrote { writer.raw("{\"text\":\"\"}") }
    }

    func partType(_ part: JSONNode, _ messagePath: String, _ index: Int) throws(APIError) -> String {
        guard json.isObject(part) else { throw invalidType("\(messagePath).content[\(index)]", "an object", part) }
        guard let type = json.value("type", of: part) else { throw .missing("\(messagePath).content[\(index)].type") }
        guard json.isString(type) else {
            throw invalidType("\(messagePath).content[\(index)].type", "a string", type)
        }
        if json.equals(type, "text") { return "text" }
        return json.string(type)
    }

    /// The member of a part that holds what its `type` says (MSG-014).
    func payload(
        _ name: StaticString, of part: JSONNode, _ path: @autoclosure () -> String, isString: Bool
    ) throws(APIError) -> JSONNode {
        guard let node = json.value(name, of: part) else { throw .missing("\(path()).\(name)") }
        if isString, !json.isString(node) { throw invalidType("\(path()).\(name)", "a string", node) }
        return node
    }

    // MARK: Containers

    /// A member of `extra_content.google`, else of `extra_part.google` (MSG-024).
    func extra(_ snake: StaticString, _ camel: StaticString, of fields: ChatObject) -> JSONNode? {
        guard fields.hasExtensions else { return nil }
        for field in [.extraContent, .extraPart] as [ChatObject.Field] {
            guard let holder = fields[field], let google = json.value("google", of: holder) else { continue }
            if let found = json.value(snake, of: google) ?? json.value(camel, of: google) { return found }
        }
        return nil
    }

    func extra(_ snake: StaticString, _ camel: StaticString, of node: JSONNode) -> JSONNode? {
        extra(snake, camel, of: ChatObject(node, of: json))
    }
}
