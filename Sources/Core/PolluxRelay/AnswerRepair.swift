public import PolluxJSON
public import PolluxTranslation

/// A container's answers and chunks → the same as the Chat Completions reference has them (SELF-031, SELF-042).
///
///     object                    chat.completion, chat.completion.chunk
///     finish_reason             eos_token, stop_sequence → stop; stop beside tool calls → tool_calls
///     tool_calls                an object → an array of one
///     tool_calls[].id           missing, empty or "0" → function-call-<uuid>
///     tool_calls[].type         missing → function
///     tool_calls[].index        in a stream, missing → that of the call before, or the next one for another id
///     function.arguments        an object → its JSON text
///     model                     the client's own, when the operator wants it (SELF-033)
///
/// In a stream, `role` is sent once for each choice, `id`, `type` and `name` once for each call: clients
/// concatenate what is repeated. One value serves one answer.
public struct AnswerRepair: Sendable {
    private let settings: RelaySettings
    let isStream: Bool
    private let model: String?
    /// Choices whose `role` was sent.
    private var roles: Set<Int> = []
    /// Calls that were begun, and whether their name was sent.
    var calls: [Call: Bool] = [:]
    /// The last call of each choice, and its id as it came: a call without an index goes on with it, or is the next.
    var lastCalls: [Int: (index: Int, id: [UInt8])] = [:]
    /// Choices that made a tool call. TGI ends them in a later chunk, which carries no call.
    public private(set) var choicesWithCalls: Set<Int> = []
    var isChanged = false

    /// A call's place in the answer.
    struct Call: Hashable {
        var choice: Int
        var index: Int
    }

    /// - Parameter model: the request's `model`, as it was sent.
    public init(_ settings: RelaySettings, model: String?, isStream: Bool) {
        self.settings = settings
        self.isStream = isStream
        self.model = settings.echoesModel ? model : nil
    }

    /// Whether answers need be looked into at all.
    public var isNeeded: Bool { settings.normalizes || model != nil }

    /// Writes the repaired document.
    ///
    /// - Returns: whether it differs; if not, the container's own bytes are to be sent.
    public mutating func write(
        _ json: borrowing JSONDocument, identifiers: inout IdentifierSource, into writer: inout JSONWriter
    ) -> Bool {
        isChanged = false
        writer.beginObject()
        var members = json.members(.root)
        while let member = members.next(in: json) {
            if json.equals(member.key, "object") {
                writeObject(member.value, of: json, &writer)
            } else if json.equals(member.key, "model") {
                writeModel(member.value, of: json, &writer)
            } else {
                writer.key(copying: member.key, of: json)
                if json.equals(member.key, "choices"), json.isArray(member.value) {
                    writeChoices(member.value, of: json, &identifiers, &writer)
                } else {
                    writer.copy(member.value, of: json)
                }
            }
        }
        if json.member("object", of: .root) == nil { writeObject(nil, of: json, &writer) }
        if json.member("model", of: .root) == nil { writeModel(nil, of: json, &writer) }
        writer.endObject()
        return isChanged
    }

    private mutating func writeObject(_ value: JSONNode?, of json: borrowing JSONDocument, _ writer: inout JSONWriter) {
        let expected: StaticString = isStream ? "chat.completion.chunk" : "chat.completion"
        let isRight = value.map { json.equals($0, expected) } ?? false
        if isRight || !settings.normalizes {
            guard let value else { return }
            writer.key("object")
            return writer.copy(value, of: json)
        }
        isChanged = true
        writer.key("object")
        writer.string(expected)
    }

    private mutating func writeModel(_ value: JSONNode?, of json: borrowing JSONDocument, _ writer: inout JSONWriter) {
        if let model {
            if let value, json.stringEquals(value, model) {} else { isChanged = true }
            writer.key("model")
            writer.string(text: model)
        } else if let value {
            writer.key("model")
            writer.copy(value, of: json)
        }
    }

    // MARK: Choices

    private mutating func writeChoices(
        _ choices: JSONNode, of json: borrowing JSONDocument, _ identifiers: inout IdentifierSource,
        _ writer: inout JSONWriter
    ) {
        writer.beginArray()
        var elements = json.elements(choices)
        var position = 0
        while let choice = elements.next(in: json) {
            if json.isObject(choice), settings.normalizes {
                let index = json.value("index", of: choice).flatMap { json.integer($0) } ?? position
                writeChoice(choice, index, of: json, &identifiers, &writer)
            } else {
                writer.copy(choice, of: json)
            }
            position += 1
        }
        writer.endArray()
    }

    private mutating func writeChoice(
        _ choice: JSONNode, _ index: Int, of json: borrowing JSONDocument, _ identifiers: inout IdentifierSource,
        _ writer: inout JSONWriter
    ) {
        let body = json.value("message", of: choice) ?? json.value("delta", of: choice)
        if let body, let list = json.value("tool_calls", of: body), json.isArray(list) || json.isObject(list),
            !json.isEmpty(list)
        {
            choicesWithCalls.insert(index)
        }
        writer.beginObject()
        var members = json.members(choice)
        while let member = members.next(in: json) {
            if json.equals(member.key, "finish_reason") {
                writeFinishReason(member.value, index, of: json, &writer)
            } else if member.value == body, json.isObject(member.value) {
                if isStream, !json.equals(member.key, "delta") {  // A whole answer where a stream was asked for.
                    isChanged = true
                    writer.key("delta")
                } else {
                    writer.key(copying: member.key, of: json)
                }
                writeBody(member.value, index, of: json, &identifiers, &writer)
            } else {
                writer.key(copying: member.key, of: json)
                writer.copy(member.value, of: json)
            }
        }
        writer.endObject()
    }

    private mutating func writeFinishReason(
        _ value: JSONNode, _ index: Int, of json: borrowing JSONDocument, _ writer: inout JSONWriter
    ) {
        writer.key("finish_reason")
        let isEndOfText = json.equals(value, "eos_token") || json.equals(value, "stop_sequence")
        guard isEndOfText || json.equals(value, "stop") && choicesWithCalls.contains(index) else {
            return writer.copy(value, of: json)
        }
        isChanged = true
        writer.string(choicesWithCalls.contains(index) ? "tool_calls" : "stop")
    }

    /// A `message` or `delta`.
    private mutating func writeBody(
        _ body: JSONNode, _ index: Int, of json: borrowing JSONDocument, _ identifiers: inout IdentifierSource,
        _ writer: inout JSONWriter
    ) {
        writer.beginObject()
        var members = json.members(body)
        while let member = members.next(in: json) {
            if isStream, json.equals(member.key, "role"), !roles.insert(index).inserted {
                isChanged = true
                continue
            }
            writer.key(copying: member.key, of: json)
            guard json.equals(member.key, "tool_calls"), json.isArray(member.value) || json.isObject(member.value)
            else {
                writer.copy(member.value, of: json)
                continue
            }
            writer.beginArray()
            if json.isObject(member.value) {  // TGI before 3 streams one call so.
                isChanged = true
                writeCall(member.value, Call(choice: index, index: 0), of: json, &identifiers, &writer)
            } else {
                var elements = json.elements(member.value)
                var position = 0
                while let call = elements.next(in: json) {
                    writeCall(call, Call(choice: index, index: position), of: json, &identifiers, &writer)
                    position += 1
                }
            }
            writer.endArray()
        }
        writer.endObject()
    }
}
