internal import PolluxJSON
internal import PolluxOpenAIWire

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

/// The calls of assistant messages → `functionCall` parts (02 § 2.3).
extension RequestTranslation {
    /// `tool_calls`, or the legacy `function_call` (TOOL-046, TOOL-048).
    func readCalls(of message: Message, into calls: inout [AssistantCall]) throws(APIError) {
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

    mutating func write(
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
