internal import PolluxJSON
internal import PolluxOpenAIWire

/// `tool_choice`, `function_call` and `extra_body.google.tool_config` → `toolConfig`.
extension RequestTranslation {
    /// Which calls the model may make, in Gemini's words.
    struct CallingMode {
        var mode: StaticString
        var names: [String] = []
    }

    /// Names a function must be among to be declared, where the choice can only be told that way
    /// (TOOL-027 on Gemini 2.0).
    var onlyDeclared: Set<String>? {
        guard target.model.hasPrefix("gemini-2.0"), let node = request[.toolChoice], json.isObject(node),
            let type = json.value("type", of: node), json.equals(type, "allowed_tools"),
            case let allowed = allowedTools(node), allowedMode(allowed) == "auto",
            let names = try? allowedNames(allowed)  // What is wrong in it is told where the choice is written.
        else { return nil }
        return Set(names)
    }

    mutating func writeToolConfig() throws(APIError) {
        let mode = try callingMode()
        let streamsArguments =
            target.service == .vertex && plan.isStream && !plan.toolNames.isEmpty
            && google.streamFunctionCallArguments.flatMap { json.boolean($0) } == true
        if let wanted = google.streamFunctionCallArguments, json.boolean(wanted) == true, !streamsArguments {
            notes.note(
                .ignored, "extra_body.google.stream_function_call_arguments", rule: "XB-005",
                "only in streams of Vertex AI with functions")
        }
        let needsServerSideFlag =
            target.service == .developer && profile.combinesTools && hasNativeTools && !plan.toolNames.isEmpty
        let extra = google.toolConfig.flatMap { json.isObject($0) && !json.isEmpty($0) ? $0 : nil }
        guard mode != nil || streamsArguments || needsServerSideFlag || extra != nil else { return }
        // Names belong to the extension's own mode, and Gemini refuses them beside another one.
        let takesNames = mode.map { ["ANY", "VALIDATED"].contains(String(describing: $0.mode)) } ?? true
        var names = mode?.names ?? []
        if names.isEmpty, takesNames, let extra { names = renamedNames(in: extra) }

        writer.key("toolConfig")
        let start = writer.output.count
        writer.beginObject()
        if mode != nil || streamsArguments || !names.isEmpty {
            writer.key("functionCallingConfig")
            writer.beginObject()
            if let mode {
                writer.key("mode")
                writer.string(mode.mode)
            }
            if !names.isEmpty {
                writer.key("allowedFunctionNames")
                writer.beginArray()
                for name in names {
                    writer.string(text: plan.toolNames.contains(name) ? plan.toolNames.sent(name) : name)
                }
                writer.endArray()
            }
            if streamsArguments {
                writer.key("streamFunctionCallArguments")
                writer.boolean(true)
            }
            writer.endObject()
        }
        if needsServerSideFlag {
            writer.key("includeServerSideToolInvocations")
            writer.boolean(true)
        }
        writer.endObject()
        guard let extra else { return }
        merge(since: start, with: extra, except: takesNames ? [] : ["allowedFunctionNames"])
    }

    /// The names that the extension allows, where one of them is sent under another name (TOOL-002); none where all of
    /// them can stay.
    private func renamedNames(in config: JSONNode) -> [String] {
        guard let calling = camelCasedMembers(config, of: json).first(where: { $0.name == "functionCallingConfig" }),
            let list = camelCasedMembers(calling.value, of: json).first(where: { $0.name == "allowedFunctionNames" })
        else { return [] }
        var names: [String] = []
        var elements = json.elements(list.value)
        while let element = elements.next(in: json) {
            guard json.isString(element) else { return [] }  // The service says what is wrong with it.
            names.append(json.string(element))
        }
        return names.allSatisfy { ToolNames.isAccepted($0) } ? [] : names
    }

    /// Merges an extension object into what was written from `start` on; what was written wins.
    ///
    /// - Parameter excluded: members that the request says something of in another way.
    mutating func merge(since start: Int, with other: JSONNode, except excluded: Set<String> = []) {
        let threshold = writer.spliceThreshold
        writer.spliceThreshold = .max  // Splices are of the request, and what was written is not in it.
        defer { writer.spliceThreshold = threshold }
        let own = Array(copying: writer.output.span.extracting(start..<writer.output.count))
        var tape = JSONTape()
        guard (try? tape.parse(own.span)) != nil else { return }  // We wrote it ourselves: it always parses.
        writer.output.truncate(to: start)
        writer.merge(.root, of: tape.document(of: own.span), with: other, of: json, except: excluded)
    }

    /// The mode, or `nil` for Gemini's default, which is to decide by itself (TOOL-020…030).
    private mutating func callingMode() throws(APIError) -> CallingMode? {
        if plan.usesLegacyFunctions || request[.toolChoice] == nil, let node = request[.functionCall] {
            return try legacyMode(node)
        }
        guard let node = request[.toolChoice] else { return strictMode }
        if json.isObject(node) { return try objectMode(node) }
        guard json.isString(node) else { throw invalidType("tool_choice", "a string or an object", node) }
        let word = json.string(node)
        switch word {
        case "none" where plan.toolNames.isEmpty, "auto" where plan.toolNames.isEmpty: return nil
        case "none": return CallingMode(mode: "NONE")
        case "auto": return strictMode ?? CallingMode(mode: "AUTO")
        case "required", "validated":
            guard !plan.toolNames.isEmpty else { throw choiceWithoutTools("tool_choice") }
            return CallingMode(mode: word == "required" ? "ANY" : "VALIDATED")
        default: throw unknownChoice(word)
        }
    }

    /// TOOL-029
    private func unknownChoice(_ word: String) -> APIError {
        .invalidValue("tool_choice", found: word, supported: ["none", "auto", "required", "validated"])
    }

    /// TOOL-005: by request of the operator, `strict: true` asks for validated calls.
    private var strictMode: CallingMode? {
        guard settings.validatesStrictTools, let tools = request[.tools] else { return nil }
        var elements = json.elements(tools)
        while let tool = elements.next(in: json) {
            if let function = json.value("function", of: tool), let strict = json.value("strict", of: function),
                json.boolean(strict) == true
            {
                return CallingMode(mode: "VALIDATED")
            }
        }
        return nil
    }

    /// Whether a function's `strict` has a say in the mode.
    var heedsStrict: Bool {
        if request[.functionCall] != nil, plan.usesLegacyFunctions || request[.toolChoice] == nil { return false }
        return settings.validatesStrictTools && request[.toolChoice].map { json.equals($0, "auto") } ?? true
    }

    private func legacyMode(_ node: JSONNode) throws(APIError) -> CallingMode? {
        if json.isObject(node) {
            guard let name = json.value("name", of: node) else { throw .missing("function_call.name") }
            guard json.isString(name) else { throw invalidType("function_call.name", "a string", name) }
            return try named(json.string(name), "function_call")
        }
        guard json.isString(node) else { throw invalidType("function_call", "a string or an object", node) }
        switch json.string(node) {
        case "none": return plan.toolNames.isEmpty ? nil : CallingMode(mode: "NONE")
        case "auto": return plan.toolNames.isEmpty ? nil : CallingMode(mode: "AUTO")
        case let word: throw .invalidValue("function_call", found: word, supported: ["none", "auto"])
        }
    }

    private func objectMode(_ node: JSONNode) throws(APIError) -> CallingMode {
        let type = json.value("type", of: node).map { json.string($0) } ?? "function"
        switch type {
        case "function", "custom":
            let holder = type == "function" ? json.value("function", of: node) : json.value("custom", of: node)
            let path = "tool_choice.\(type).name"
            guard let holder, let name = json.value("name", of: holder) else { throw .missing(path) }
            guard json.isString(name) else { throw invalidType(path, "a string", name) }
            return try named(json.string(name), "tool_choice")
        case "allowed_tools":
            let allowed = allowedTools(node)
            let names = try allowedNames(allowed)
            guard !plan.toolNames.isEmpty else { throw choiceWithoutTools("tool_choice") }
            for name in names where !plan.toolNames.contains(name) { throw notFound(name, "tool_choice") }
            let mode = allowedMode(allowed)
            switch mode {
            case "required": return CallingMode(mode: "ANY", names: names)
            case "auto" where onlyDeclared != nil: return CallingMode(mode: "AUTO")
            case "auto": return CallingMode(mode: "VALIDATED", names: names)
            default:
                throw .invalidValue(
                    "tool_choice.allowed_tools.mode", found: mode, supported: ["auto", "required"]
                )
            }
        default: throw unknownChoice(type)
        }
    }

    /// What holds `mode` and `tools`: the member of the choice's name, or as in the Responses API the choice itself.
    private func allowedTools(_ choice: JSONNode) -> JSONNode { json.value("allowed_tools", of: choice) ?? choice }

    private func allowedMode(_ allowed: JSONNode) -> String {
        json.value("mode", of: allowed).map { json.string($0) } ?? "auto"
    }

    /// The functions that may be called. None without a name is passed over: all others would be allowed then.
    private func allowedNames(_ allowed: JSONNode) throws(APIError) -> [String] {
        let param = "tool_choice.allowed_tools.tools"
        guard let tools = json.value("tools", of: allowed) else { throw .missing(param) }
        guard json.isArray(tools) else { throw invalidType(param, "an array", tools) }
        if json.isEmpty(tools) { throw .emptyArray(param) }
        var names: [String] = []
        var elements = json.elements(tools)
        while let tool = elements.next(in: json) {
            let path = "\(param)[\(names.count)]"
            guard json.isObject(tool) else { throw invalidType(path, "an object", tool) }
            let holder = json.value("function", of: tool) ?? json.value("custom", of: tool) ?? tool
            let word = json.value("custom", of: tool) == nil ? "function" : "custom"
            guard let name = json.value("name", of: holder) else { throw .missing("\(path).\(word).name") }
            guard json.isString(name) else { throw invalidType("\(path).\(word).name", "a string", name) }
            names.append(json.string(name))
        }
        return names
    }

    private func named(_ name: String, _ param: String) throws(APIError) -> CallingMode {
        guard !plan.toolNames.isEmpty else { throw choiceWithoutTools(param) }
        guard plan.toolNames.contains(name) else { throw notFound(name, param) }
        return CallingMode(mode: "ANY", names: [name])
    }

    private func notFound(_ name: String, _ param: String) -> APIError {
        .badRequest(
            "Tool choice '\(APIError.shortened(name))' not found in 'tools' parameter.", param: param,
            code: "invalid_value"
        )
    }

    private func choiceWithoutTools(_ param: String) -> APIError {
        .badRequest("'tool_choice' is only allowed when 'tools' are specified.", param: param, code: "invalid_value")
    }
}
