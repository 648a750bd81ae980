import PolluxJSON

/// A `GenerateContentRequest` whose fields have been checked: what the rules and the answers look at.
///
/// It points into the document it was read from and copies only short words.
struct GenerateRequest: Sendable {
    var contents: [Content] = []
    var systemInstruction: Content?
    var declarations: [FunctionDeclaration] = []
    /// The kinds of tools given, in lowerCamelCase: `functionDeclarations`, `googleSearch`, …
    var toolKinds: Set<String> = []
    var tools: JSONNode?
    var toolConfig: JSONNode?
    /// `AUTO`, `ANY`, `NONE` or `VALIDATED`; `nil` when the request does not say.
    var callingMode: String?
    var allowedFunctionNames: [String] = []
    /// Whether streams are to tell the arguments of calls piece by piece.
    var streamsArguments = false
    var includesServerSideToolInvocations = false
    var cachedContent: String?
    var generation = GenerationSettings()

    init() {}

    init(_ root: JSONNode, of json: borrowing JSONDocument) {
        for node in json.each(json.value("contents", of: root)) { contents.append(Content(node, of: json)) }
        systemInstruction = json.value("systemInstruction", or: "system_instruction", of: root)
            .map { Content($0, of: json) }
        cachedContent = json.text(of: json.value("cachedContent", or: "cached_content", of: root))
        if let settings = json.value("generationConfig", or: "generation_config", of: root) {
            generation = GenerationSettings(settings, of: json)
        }
        tools = json.value("tools", of: root)
        for tool in json.each(tools) {
            var members = json.members(tool)
            while let member = members.next(in: json) {
                if !json.isNull(member.value) { toolKinds.insert(Self.camelCase(json.string(member.key))) }
            }
            for node in json.each(json.value("functionDeclarations", or: "function_declarations", of: tool)) {
                declarations.append(FunctionDeclaration(node, of: json))
            }
        }
        toolConfig = json.value("toolConfig", or: "tool_config", of: root)
        guard let toolConfig else { return }
        includesServerSideToolInvocations =
            json.value(
                "includeServerSideToolInvocations", or: "include_server_side_tool_invocations", of: toolConfig
            )
            .flatMap { json.boolean($0) } ?? false
        if let calling = json.value("functionCallingConfig", or: "function_calling_config", of: toolConfig) {
            callingMode = json.word(json.value("mode", of: calling))
            streamsArguments =
                json.value("streamFunctionCallArguments", or: "stream_function_call_arguments", of: calling)
                .flatMap { json.boolean($0) } ?? false
            let names = json.value("allowedFunctionNames", or: "allowed_function_names", of: calling)
            for name in json.each(names) { allowedFunctionNames.append(json.string(name)) }
        }
    }

    /// The text of the last content that is the user's and has text.
    func lastUserText(_ json: borrowing JSONDocument) -> String {
        for content in contents.reversed() where !content.isModel {
            var text = ""
            for part in content.parts {
                if case .text(let node) = part.data {
                    if !text.isEmpty { text += " " }
                    text += json.string(node)
                }
            }
            if !text.isEmpty { return text }
        }
        return ""
    }

    /// Turns of the model with calls since the user last said something.
    var callSteps: Int { contentsSinceUtterance.count { $0.callCount > 0 } }

    /// The functions that were called since the user last said something.
    func calledNames(_ json: borrowing JSONDocument) -> Set<String> {
        var names: Set<String> = []
        for content in contentsSinceUtterance {
            for case .functionCall(let name?, _) in content.parts.map(\.data) { names.insert(json.string(name)) }
        }
        return names
    }

    private var contentsSinceUtterance: ArraySlice<Content> {
        let utterance = contents.lastIndex { !$0.isModel && $0.responseCount == 0 }
        return utterance.map { contents[($0 + 1)...] } ?? contents[...]
    }

    /// Characters of all text of instruction and contents.
    func textLength(_ json: borrowing JSONDocument) -> Int {
        var count = 0
        for content in contents + (systemInstruction.map { [$0] } ?? []) {
            for part in content.parts {
                if case .text(let node) = part.data { count += json.string(node).unicodeScalars.count }
            }
        }
        return count
    }

    private static func camelCase(_ name: String) -> String {
        guard name.contains("_") else { return name }
        var result = ""
        var isStart = false
        for character in name {
            if character == "_" {
                isStart = true
            } else {
                result += isStart ? character.uppercased() : String(character)
                isStart = false
            }
        }
        return result
    }
}

/// One turn of a conversation.
struct Content: Sendable {
    /// `user`, `model`, `function` or "" as written.
    var role: String
    var parts: [Part] = []

    init(role: String, parts: [Part]) {
        self.role = role
        self.parts = parts
    }

    init(_ node: JSONNode, of json: borrowing JSONDocument) {
        role = json.text(of: json.value("role", of: node)) ?? ""
        for part in json.each(json.value("parts", of: node)) { parts.append(Part(part, of: json)) }
    }

    var isModel: Bool { role == "model" }
    var callCount: Int { parts.count { $0.isFunctionCall } }
    var responseCount: Int { parts.count { $0.isFunctionResponse } }
}

/// One piece of a turn.
struct Part: Sendable {
    enum Data: Sendable {
        case text(JSONNode)
        case inlineData(mimeType: JSONNode?, data: JSONNode?)
        case fileData(mimeType: JSONNode?, uri: JSONNode?)
        case functionCall(name: JSONNode?, arguments: JSONNode?)
        case functionResponse(name: JSONNode?, response: JSONNode?, parts: JSONNode?)
        /// Something that is only carried: code, a server-side tool's call, video metadata.
        case other
        case none
    }

    var data: Data
    var signature: JSONNode?
    var isThought = false

    init(data: Data) { self.data = data }

    init(_ node: JSONNode, of json: borrowing JSONDocument) {
        signature = json.value("thoughtSignature", or: "thought_signature", of: node)
        isThought = json.value("thought", of: node).flatMap { json.boolean($0) } ?? false
        if let text = json.value("text", of: node) {
            data = .text(text)
        } else if let blob = json.value("inlineData", or: "inline_data", of: node) {
            data = .inlineData(
                mimeType: json.value("mimeType", or: "mime_type", of: blob),
                data: json.value("data", of: blob)
            )
        } else if let file = json.value("fileData", or: "file_data", of: node) {
            data = .fileData(
                mimeType: json.value("mimeType", or: "mime_type", of: file),
                uri: json.value("fileUri", or: "file_uri", of: file)
            )
        } else if let call = json.value("functionCall", or: "function_call", of: node) {
            data = .functionCall(name: json.value("name", of: call), arguments: json.value("args", of: call))
        } else if let response = json.value("functionResponse", or: "function_response", of: node) {
            data = .functionResponse(
                name: json.value("name", of: response), response: json.value("response", of: response),
                parts: json.value("parts", of: response)
            )
        } else {
            data = Self.isCarried(node, of: json) ? .other : .none
        }
    }

    private static func isCarried(_ node: JSONNode, of json: borrowing JSONDocument) -> Bool {
        json.value("executableCode", or: "executable_code", of: node) != nil
            || json.value("codeExecutionResult", or: "code_execution_result", of: node) != nil
            || json.value("toolCall", or: "tool_call", of: node) != nil
            || json.value("toolResponse", or: "tool_response", of: node) != nil
            || json.value("videoMetadata", or: "video_metadata", of: node) != nil
    }

    var isFunctionCall: Bool {
        if case .functionCall = data { true } else { false }
    }

    var isFunctionResponse: Bool {
        if case .functionResponse = data { true } else { false }
    }

    /// Something a user says: text or media.
    var isUtterance: Bool {
        switch data {
        case .text, .inlineData, .fileData: true
        default: false
        }
    }
}

/// A function that the model may call.
struct FunctionDeclaration: Sendable {
    var name: String
    /// The arguments, in Google's OpenAPI form.
    var parameters: JSONNode?
    /// The arguments, as JSON Schema.
    var parametersJSONSchema: JSONNode?

    init(name: String, parametersJSONSchema: JSONNode?) {
        self.name = name
        self.parametersJSONSchema = parametersJSONSchema
    }

    init(_ node: JSONNode, of json: borrowing JSONDocument) {
        name = json.text(of: json.value("name", of: node)) ?? ""
        parameters = json.value("parameters", of: node)
        parametersJSONSchema = json.value("parametersJsonSchema", or: "parameters_json_schema", of: node)
    }
}
