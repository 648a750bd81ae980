public import PolluxJSON

/// Chat Completions request → the same for a self-deployed model, with the few edits of 09 § 3.
///
/// Parameters are neither checked nor dropped: which of them count is the model's business (SELF-017, SELF-019,
/// SELF-020). Members keep their order, numbers their digits.
///
/// ```swift
/// var relayed = RelayedRequest(settings)
/// relayed.write(json)
/// send(relayed.isEdited ? relayed.writer.output.span : original)
/// ```
public struct RelayedRequest: ~Copyable {
    public private(set) var writer: JSONWriter
    /// Whether anything differs from what the client sent; if not, its own bytes are to be sent.
    public private(set) var isEdited = false
    private let settings: RelaySettings
    /// Which of the two limits the request has, where one may stand for the other.
    private var hasMaxTokens = false
    private var hasMaxCompletionTokens = false

    /// - Parameter spliceThreshold: strings from this length on are not copied; see ``JSONWriter/splices``.
    public init(_ settings: RelaySettings, minimumCapacity: Int = 1024, spliceThreshold: Int = .max) {
        self.settings = settings
        writer = JSONWriter(minimumCapacity: minimumCapacity)
        writer.spliceThreshold = spliceThreshold
    }

    /// The member that counts upstream: the request's own, else the one that SELF-012 lifts.
    public static func value(_ name: StaticString, of json: borrowing JSONDocument) -> JSONNode? {
        if let own = json.member(name, of: .root) { return json.isNull(own) ? nil : own }
        return json.member("extra_body", of: .root).flatMap { json.value(name, of: $0) }
    }

    /// - Precondition: the document is an object.
    public mutating func write(_ json: borrowing JSONDocument) {
        if settings.usesLegacyMaxTokens {
            hasMaxTokens = Self.value("max_tokens", of: json) != nil
            hasMaxCompletionTokens = Self.value("max_completion_tokens", of: json) != nil
        }
        writer.beginObject()
        var members = json.members(.root)
        while let member = members.next(in: json) { write(member.key, member.value, of: json) }
        let extra = json.value("extra_body", of: .root)
        if let extra { lift(extra, of: json) }
        let hasModel =
            json.member("model", of: .root) != nil || extra.flatMap { json.member("model", of: $0) } != nil
        if !hasModel { writeModel(nil, of: json) }
        writer.endObject()
    }

    /// SELF-012: the members of `extra_body` stand beside the others, and never overwrite one.
    private mutating func lift(_ extra: JSONNode, of json: borrowing JSONDocument) {
        if json.isEmpty(extra) { return }
        let own = Self.names(of: .root, json)
        var members = json.members(extra)
        while let member = members.next(in: json) {
            if json.equals(member.key, "extra_body") || own.contains(json.string(member.key)) { continue }
            write(member.key, member.value, of: json)
        }
    }

    /// All names at once: to look for each one anew would take its time, should there be a million.
    private static func names(of object: JSONNode, _ json: borrowing JSONDocument) -> Set<String> {
        var names: Set<String> = []
        var members = json.members(object)
        while let member = members.next(in: json) { names.insert(json.string(member.key)) }
        return names
    }

    private mutating func write(_ key: JSONNode, _ value: JSONNode, of json: borrowing JSONDocument) {
        if json.equals(key, "messages"), json.isArray(value) {
            writer.key("messages")
            writeMessages(value, of: json)
        } else if json.equals(key, "model") {
            writeModel(value, of: json)
        } else if json.equals(key, "google") || json.equals(key, "pollux") || isExtraBody(key, value, of: json) {
            isEdited = true
        } else if settings.usesLegacyMaxTokens, json.equals(key, "max_completion_tokens"), !hasMaxTokens {
            rename(value, to: "max_tokens", of: json)
        } else if settings.usesLegacyMaxTokens, json.equals(key, "max_tokens"), json.isNull(value),
            hasMaxCompletionTokens
        {
            isEdited = true  // The renamed one stands for it.
        } else if settings.isTGI, json.equals(key, "stop"), json.isString(value) {
            isEdited = true
            writer.key("stop")
            writer.beginArray()
            writer.copy(value, of: json)
            writer.endArray()
        } else if json.equals(key, "tool_choice"), json.equals(value, "validated") {  // SELF-018
            isEdited = true
            writer.key("tool_choice")
            writer.string("auto")
        } else if settings.usesLegacyGrammar, json.equals(key, "response_format"),
            let schema = schema(of: value, json)
        {
            writeGrammar(schema, of: json)
        } else {
            writer.key(copying: key, of: json)
            writer.copy(value, of: json)
        }
    }

    private func isExtraBody(_ key: JSONNode, _ value: JSONNode, of json: borrowing JSONDocument) -> Bool {
        json.equals(key, "extra_body") && (json.isObject(value) || json.isNull(value))
    }

    private mutating func rename(_ value: JSONNode, to name: StaticString, of json: borrowing JSONDocument) {
        isEdited = true
        writer.key(name)
        writer.copy(value, of: json)
    }

    // MARK: model

    private mutating func writeModel(_ value: JSONNode?, of json: borrowing JSONDocument) {
        switch settings.model {
        case .replaced(let model):
            if let value, json.stringEquals(value, model) { break }
            isEdited = true
            writer.key("model")
            return writer.string(text: model)
        case .emptyWhenAbsent:
            if let value, !json.isNull(value) { break }
            isEdited = true
            writer.key("model")
            return writer.string("")
        case .asReceived: break
        }
        guard let value else { return }
        writer.key("model")
        writer.copy(value, of: json)
    }

    // MARK: response_format

    /// The schema of `{"type":"json_schema","json_schema":{"schema":…}}`.
    private func schema(of format: JSONNode, _ json: borrowing JSONDocument) -> JSONNode? {
        guard let type = json.value("type", of: format), json.equals(type, "json_schema"),
            let holder = json.value("json_schema", of: format)
        else { return nil }
        return json.value("schema", of: holder)
    }

    /// SELF-021
    private mutating func writeGrammar(_ schema: JSONNode, of json: borrowing JSONDocument) {
        isEdited = true
        writer.key("response_format")
        writer.beginObject()
        writer.key("type")
        writer.string("json")
        writer.key("value")
        writer.copy(schema, of: json)
        writer.endObject()
    }

    // MARK: messages

    private mutating func writeMessages(_ messages: JSONNode, of json: borrowing JSONDocument) {
        writer.beginArray()
        var elements = json.elements(messages)
        while let message = elements.next(in: json) {
            if isEdited(message, of: json) {
                isEdited = true
                writeMessage(message, of: json)
            } else {
                writer.copy(message, of: json)
            }
        }
        writer.endArray()
    }

    private func isEdited(_ message: JSONNode, of json: borrowing JSONDocument) -> Bool {
        if isDeveloper(message, of: json) || Self.hasGoogleMembers(message, of: json) { return true }
        return Self.listsGoogleMembers("content", of: message, json)
            || Self.listsGoogleMembers("tool_calls", of: message, json)
    }

    private func isDeveloper(_ message: JSONNode, of json: borrowing JSONDocument) -> Bool {
        guard settings.mapsDeveloperRole, let role = json.value("role", of: message) else { return false }
        return json.equals(role, "developer")
    }

    private static func listsGoogleMembers(
        _ name: StaticString, of message: JSONNode, _ json: borrowing JSONDocument
    ) -> Bool {
        guard let list = json.value(name, of: message) else { return false }
        var elements = json.elements(list)
        while let element = elements.next(in: json) {
            if hasGoogleMembers(element, of: json) { return true }
        }
        return false
    }

    private static func hasGoogleMembers(_ node: JSONNode, of json: borrowing JSONDocument) -> Bool {
        json.member("extra_content", of: node) != nil || json.member("extra_part", of: node) != nil
    }

    private static func isGoogleMember(_ key: JSONNode, of json: borrowing JSONDocument) -> Bool {
        json.equals(key, "extra_content") || json.equals(key, "extra_part")
    }

    private mutating func writeMessage(_ message: JSONNode, of json: borrowing JSONDocument) {
        let isDeveloper = isDeveloper(message, of: json)
        writer.beginObject()
        var members = json.members(message)
        while let member = members.next(in: json) {
            if Self.isGoogleMember(member.key, of: json) { continue }
            writer.key(copying: member.key, of: json)
            if isDeveloper, json.equals(member.key, "role") {
                writer.string("system")
            } else if json.isArray(member.value),
                json.equals(member.key, "content") || json.equals(member.key, "tool_calls")
            {
                writer.beginArray()
                var elements = json.elements(member.value)
                while let element = elements.next(in: json) { writeBare(element, of: json) }
                writer.endArray()
            } else {
                writer.copy(member.value, of: json)
            }
        }
        writer.endObject()
    }

    /// A content part or tool call without what only Gemini understands (SELF-013).
    private mutating func writeBare(_ node: JSONNode, of json: borrowing JSONDocument) {
        guard Self.hasGoogleMembers(node, of: json) else { return writer.copy(node, of: json) }
        writer.beginObject()
        var members = json.members(node)
        while let member = members.next(in: json) {
            if Self.isGoogleMember(member.key, of: json) { continue }
            writer.key(copying: member.key, of: json)
            writer.copy(member.value, of: json)
        }
        writer.endObject()
    }
}
