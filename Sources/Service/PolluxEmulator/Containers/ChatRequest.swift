import PolluxJSON

/// A Chat Completions request, as far as the containers look at it.
struct ChatRequest: Sendable {
    var model = ""
    /// Roles in their order.
    var roles: [String] = []
    var isStream = false
    var includesUsage = false
    var choices = 1
    var maximumTokens: Int?
    var temperature: Double?
    var stop: JSONNode?
    var stops: [String] = []
    var topLogprobs: Int?
    /// The schema of the answer; `wantsJSON` without one is any object.
    var schema: JSONNode?
    var wantsJSON = false
    /// The same conversation in the words of the composer: functions, calls, results.
    var meaning = GenerateRequest()
    /// The text of the last message of the user.
    var text = ""

    init(_ json: borrowing JSONDocument) throws(ChatError) {
        guard json.isObject(.root) else { throw ChatError(kind: .shape, message: "expected an object") }
        guard let messages = json.value("messages", of: .root), json.isArray(messages) else {
            throw ChatError(
                kind: .shape,
                message: "[{'type': 'missing', 'loc': ('body', 'messages'), 'msg': 'Field required'}]",
                parameter: "messages")
        }
        model = json.text(of: json.value("model", of: .root)) ?? ""
        isStream = json.value("stream", of: .root).flatMap { json.boolean($0) } ?? false
        if let options = json.value("stream_options", of: .root) {
            includesUsage = json.value("include_usage", of: options).flatMap { json.boolean($0) } ?? false
        }
        choices = json.wholeNumber(json.value("n", of: .root)) ?? 1
        maximumTokens =
            json.wholeNumber(json.value("max_completion_tokens", of: .root))
            ?? json.wholeNumber(json.value("max_tokens", of: .root))
        temperature = json.floatNumber(json.value("temperature", of: .root))
        stop = json.value("stop", of: .root)
        for node in json.each(stop) { if let text = json.text(of: node) { stops.append(text) } }
        topLogprobs = json.wholeNumber(json.value("top_logprobs", of: .root))
        readFormat(json)
        for message in json.each(messages) { read(message, json) }
        readTools(json)
    }

    private mutating func readFormat(_ json: borrowing JSONDocument) {
        guard let format = json.value("response_format", of: .root) else { return }
        switch json.text(of: json.value("type", of: format)) {
        case "json_object": wantsJSON = true
        case "json_schema":
            wantsJSON = true
            schema = json.value("json_schema", of: format).flatMap { json.value("schema", of: $0) }
        case "json":
            // TGI's own word from before it knew `json_schema`.
            wantsJSON = true
            schema = json.value("value", of: format)
        default: break
        }
    }

    private mutating func read(_ message: JSONNode, _ json: borrowing JSONDocument) {
        let role = json.text(of: json.value("role", of: message)) ?? ""
        roles.append(role)
        let content = json.value("content", of: message)
        var parts: [Part] = []
        switch role {
        case "tool", "function":
            parts = [
                Part(data: .functionResponse(name: json.value("name", of: message), response: content, parts: nil))
            ]
        case "assistant":
            for _ in json.each(json.value("tool_calls", of: message)) {
                parts.append(Part(data: .functionCall(name: nil, arguments: nil)))
            }
        case "user":
            text = Self.text(content, json)
        default: break
        }
        meaning.contents.append(Content(role: role == "assistant" ? "model" : "user", parts: parts))
    }

    private static func text(_ content: JSONNode?, _ json: borrowing JSONDocument) -> String {
        guard let content else { return "" }
        if json.isString(content) { return json.string(content) }
        return json.each(content).compactMap { json.text(of: json.value("text", of: $0)) }.joined(separator: " ")
    }

    private mutating func readTools(_ json: borrowing JSONDocument) {
        for tool in json.each(json.value("tools", of: .root)) {
            guard let function = json.value("function", of: tool) else { continue }
            meaning.declarations.append(
                FunctionDeclaration(
                    name: json.text(of: json.value("name", of: function)) ?? "",
                    parametersJSONSchema: json.value("parameters", or: "arguments", of: function)))
        }
        guard let choice = json.value("tool_choice", of: .root) else { return }
        if json.isString(choice) {
            switch json.string(choice) {
            case "none": meaning.callingMode = "NONE"
            case "required": meaning.callingMode = "ANY"
            default: break
            }
        } else if let function = json.value("function", of: choice),
            let name = json.text(of: json.value("name", of: function))
        {
            meaning.callingMode = "ANY"
            meaning.allowedFunctionNames = [name]
        }
    }
}
