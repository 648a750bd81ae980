internal import PolluxJSON
internal import PolluxOpenAIWire

/// `tools`, `functions`, `web_search_options` and `extra_body.google.tools` → `tools`.
///
///     [{"functionDeclarations":[…]}, native tools…, {"googleSearch":{}}, native tools of extra_body…]
///
/// Declarations in Google's own form stand in the same element, behind the others (TOOL-001).
extension RequestTranslation {
    /// The `tools` array, unless it is absent or empty (TOOL-008).
    private func array(_ field: ChatCompletionRequest.Field) throws(APIError) -> JSONNode? {
        guard let node = request[field] else { return nil }
        guard json.isArray(node) else { throw invalidType(String(describing: field.name), "an array", node) }
        return json.isEmpty(node) ? nil : node
    }

    /// Reads the names first: messages and `tool_choice` need them.
    mutating func readFunctionNames() throws(APIError) {
        if let tools = try array(.tools) {
            knownTools = mayBeKnown ? toolLists.find(json.raw(tools), seed: schemaForm.seed) : nil
            if let knownTools {
                plan.toolNames = knownTools.names
            } else {
                try readNames(ofTools: tools)
            }
            if request[.functions] != nil {
                note(.ignored, .functions, rule: "TOOL-006", "'tools' is given too")
            }
        } else if let functions = try array(.functions) {
            var elements = json.elements(functions)
            var index = 0
            while let function = elements.next(in: json) {
                try declare(function, path: "functions[\(index)]")
                index += 1
            }
        }
        readNativeDeclarations()
    }

    /// Whether the source of `tools` alone tells what is written for them.
    private var mayBeKnown: Bool { !notes.isOn && onlyDeclared == nil && !hasNativeDeclarations }

    private mutating func readNames(ofTools tools: JSONNode) throws(APIError) {
        var elements = json.elements(tools)
        var index = 0
        while let tool = elements.next(in: json) {
            try readName(of: tool, at: index)
            index += 1
        }
    }

    private mutating func readName(of tool: JSONNode, at index: Int) throws(APIError) {
        guard json.isObject(tool) else { throw invalidType("tools[\(index)]", "an object", tool) }
        let fields = ChatObject(tool, of: json)
        guard let type = fields[.type] else {
            if let function = fields[.function] {
                return try declare(function, path: "tools[\(index)].function")
            }
            if !nativeTools(tool).isEmpty { return }
            throw .missing("tools[\(index)].type")
        }
        guard json.isString(type) else { throw invalidType("tools[\(index)].type", "a string", type) }
        if json.equals(type, "function") {
            guard let function = fields[.function] else { throw .missing("tools[\(index)].function") }
            try declare(function, path: "tools[\(index)].function")
        } else if json.equals(type, "custom") {
            guard let custom = fields[.custom] else { throw .missing("tools[\(index)].custom") }
            try declare(custom, path: "tools[\(index)].custom")
            if let name = json.value("name", of: custom) { plan.toolNames.declareCustom(json.string(name)) }
        } else if nativeTools(tool).isEmpty {
            throw .invalidValue(
                "tools[\(index)].type", found: json.string(type), supported: ["function", "custom"]
            )
        }
    }

    private mutating func declare(_ function: JSONNode, path: @autoclosure () -> String) throws(APIError) {
        guard json.isObject(function) else { throw invalidType(path(), "an object", function) }
        guard let name = json.value("name", of: function) else { throw .missing("\(path()).name") }
        guard json.isString(name) else { throw invalidType("\(path()).name", "a string", name) }
        guard json.length(name) > 0 else {
            throw .badRequest(
                "Invalid '\(path()).name': empty string. Expected a string with minimum length 1, but got an empty string instead.",
                param: "\(path()).name", code: "empty_string"
            )
        }
        guard plan.toolNames.declare(name, of: json) else {
            throw .badRequest(
                "Invalid '\(path()).name': a function named '\(APIError.shortened(json.string(name)))' is already declared.",
                param: "\(path()).name", code: "invalid_value"
            )
        }
    }

    // MARK: Writing

    mutating func writeTools() throws(APIError) {
        let extra = google.tools.flatMap { json.isArray($0) && !json.isEmpty($0) ? $0 : nil }
        let hasSearch = request[.webSearchOptions] != nil
        let tools = try array(.tools)
        let functions = tools == nil ? try array(.functions) : nil
        guard tools != nil || functions != nil || hasSearch || extra != nil else { return }

        let start = writer.output.count
        writer.key("tools")
        writer.beginArray()
        let splices = writer.splices.count
        var declarations = 0..<0
        let hasDeclarations = !plan.toolNames.isEmpty || !nativeDeclarations.isEmpty
        if hasDeclarations {
            writer.beginObject()
            writer.key("functionDeclarations")
            let begin = writer.output.count
            if let knownTools {
                let known = knownTools.declarations
                writer.raw(known.span)
            } else {
                writer.beginArray()
                if let tools { try writeDeclarations(ofTools: tools) }
                if let functions { try writeDeclarations(ofFunctions: functions) }
                writeNativeDeclarations()
                writer.endArray()
            }
            declarations = begin..<writer.output.count
            writer.endObject()
        }
        var written: Set<String> = []
        if let tools, knownTools == nil {
            var elements = json.elements(tools)
            var index = 0
            while let tool = elements.next(in: json) {
                defer { index += 1 }
                guard json.value("function", of: tool) == nil else { continue }
                for native in nativeTools(tool) {
                    writeNative(native.name, native.value, path: "tools[\(index)].\(native.member)", &written)
                }
            }
            if mayBeKnown, written.isEmpty, writer.splices.count == splices {
                toolLists.insert(
                    json.raw(tools), seed: schemaForm.seed,
                    declarations: writer.output.span.extracting(declarations), names: plan.toolNames)
                knownArrays.insert(tools, of: json)
            }
        }
        if hasSearch {
            writeNative("googleSearch", nil, path: "web_search_options", &written)
        }
        if let extra {
            var elements = json.elements(extra)
            var index = 0
            while let tool = elements.next(in: json) {
                var members = json.members(tool)
                while let member = members.next(in: json) {
                    let word = json.string(member.key)
                    let name = camelCase(word)
                    guard !json.isNull(member.value), name != Self.declarations else { continue }
                    writeNative(name, member.value, path: "extra_body.google.tools[\(index)].\(word)", &written)
                }
                index += 1
            }
        }
        writer.endArray()
        if !hasDeclarations, written.isEmpty { writer.truncate(to: start) }
        hasNativeTools = !written.isEmpty
    }

    // MARK: Declarations

    private mutating func writeDeclarations(ofTools tools: JSONNode) throws(APIError) {
        let choice = onlyDeclared
        var elements = json.elements(tools)
        var index = 0
        while let tool = elements.next(in: json) {
            let fields = ChatObject(tool, of: json)
            if let function = fields[.function], json.isObject(function) {
                try writeDeclaration(function, amongst: choice, path: "tools[\(index)].function")
            } else if let type = fields[.type], json.equals(type, "custom"), let custom = fields[.custom] {
                try writeCustomDeclaration(custom, amongst: choice, path: "tools[\(index)].custom")
            }
            index += 1
        }
    }

    private mutating func writeDeclarations(ofFunctions functions: JSONNode) throws(APIError) {
        let choice = onlyDeclared
        var elements = json.elements(functions)
        var index = 0
        while let function = elements.next(in: json) {
            try writeDeclaration(function, amongst: choice, path: "functions[\(index)]")
            index += 1
        }
    }

    /// - Parameter choice: the names of the functions that are declared, where not all of them are.
    private mutating func writeDeclaration(
        _ function: JSONNode, amongst choice: Set<String>?, path: @autoclosure () -> String
    ) throws(APIError) {
        let fields = ChatObject(function, of: json)
        guard let name = fields[.name] else { return }
        if let choice, !choice.contains(json.string(name)) {
            return notes.note(.ignored, path(), rule: "TOOL-027", "not among the allowed ones")
        }
        writer.beginObject()
        writer.key("name")
        writeFunctionName(name, path: path())
        if let description = fields[.description] {
            guard json.isString(description) else {
                throw invalidType("\(path()).description", "a string", description)
            }
            if json.length(description) > 0 {
                writer.key("description")
                writer.copy(description, of: json)
            }
        }
        if let parameters = fields[.parameters] {
            try writeParameters(parameters, function: name, path: path())
        }
        if let strict = fields[.strict] {
            guard let isStrict = json.boolean(strict) else {
                throw invalidType("\(path()).strict", "a boolean", strict)
            }
            if notes.isOn, isStrict, heedsStrict {
                notes.note(.mapped, "\(path()).strict", rule: "TOOL-005", "functionCallingConfig.mode VALIDATED")
            } else {
                notes.note(.ignored, "\(path()).strict", rule: "TOOL-005")
            }
        }
        writer.endObject()
    }

    /// Writes the function's name, renamed where Gemini would refuse it (TOOL-002).
    mutating func writeFunctionName(_ node: JSONNode, path: @autoclosure () -> String) {
        if json.isPlain(node), ToolNames.isAccepted(json.bytes, json.range(node)) {
            writer.copy(node, of: json)
        } else {
            let name = json.string(node)
            let sent = plan.toolNames.sent(name)
            writer.string(text: sent)
            notes.note(.changed, "\(path()).name", rule: "TOOL-002", "sent as \(sent)")
        }
    }

    /// `parametersJsonSchema`, or `parameters` in the OpenAPI form (SCH-001…003); nothing for a function
    /// without arguments (TOOL-004).
    private mutating func writeParameters(
        _ parameters: JSONNode, function: JSONNode, path: @autoclosure () -> String
    ) throws(APIError) {
        guard json.isObject(parameters) || json.boolean(parameters) != nil else {
            throw invalidType("\(path()).parameters", "an object", parameters)
        }
        if isEmptyParameters(parameters, of: json) { return }
        let translator = SchemaTranslator(form: schemaForm, use: .tool)
        writer.key(settings.schemaMode == .openapi ? "parameters" : "parametersJsonSchema")
        do throws(SchemaError) {
            try schemas.write(
                parameters, of: json, by: translator, into: &writer, path: "\(path()).parameters", notes: &notes
            )
        } catch {
            throw .badRequest(
                "Invalid schema for function '\(APIError.shortened(json.string(function)))': \(error.reason)",
                param: "\(path()).parameters", code: "invalid_function_parameters"
            )
        }
    }

    var schemaForm: SchemaForm {
        switch settings.schemaMode {
        case .json: .jsonSchema
        case .openapi: .openAPI(keepsAdditionalProperties: target.service == .vertex)
        }
    }

    /// `type: "custom"`: a function with one string argument (TOOL-007).
    private mutating func writeCustomDeclaration(
        _ custom: JSONNode, amongst choice: Set<String>?, path: @autoclosure () -> String
    ) throws(APIError) {
        guard let name = json.value("name", of: custom) else { return }
        if let choice, !choice.contains(json.string(name)) {
            return notes.note(.ignored, path(), rule: "TOOL-027", "not among the allowed ones")
        }
        writer.beginObject()
        writer.key("name")
        writeFunctionName(name, path: path())
        let own = json.value("description", of: custom)
        if let own, !json.isString(own) { throw invalidType("\(path()).description", "a string", own) }
        var description = own.map { json.string($0) } ?? ""
        if let format = json.value("format", of: custom), let grammar = json.value("grammar", of: format) {
            let syntax = json.value("syntax", of: grammar).map { json.string($0) } ?? "lark"
            let definition = json.value("definition", of: grammar).map { json.string($0) } ?? ""
            if !description.isEmpty { description += "\n" }
            description += "Input format (\(syntax)): \(definition)"
        }
        if !description.isEmpty {
            writer.key("description")
            writer.string(text: description)
        }
        if settings.schemaMode == .openapi {
            writer.key("parameters")
            writer.raw(
                "{\"type\":\"OBJECT\",\"properties\":{\"input\":{\"type\":\"STRING\"}},\"required\":[\"input\"]}")
        } else {
            writer.key("parametersJsonSchema")
            writer.raw(
                "{\"type\":\"object\",\"properties\":{\"input\":{\"type\":\"string\"}},\"required\":[\"input\"]}")
        }
        writer.endObject()
    }
}
