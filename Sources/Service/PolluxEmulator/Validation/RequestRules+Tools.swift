import PolluxJSON

extension RequestRules {
    private var declaresFunctions: Bool { request.toolKinds.contains("functionDeclarations") }

    func checkTools(_ json: borrowing JSONDocument) throws(GoogleError) {
        try checkDeclarations(json)
        guard declaresFunctions, request.toolKinds.count > 1 else { return }
        if !traits.isThirdGeneration {
            throw .invalid(
                isVertex
                    ? "Multiple tools are supported only when they are all search tools."
                    : "Tool use with function calling is unsupported"
            )
        }
        if !isVertex, !request.includesServerSideToolInvocations {
            throw .invalid(
                "Please enable tool_config.include_server_side_tool_invocations to use Built-in tools "
                    + "with Function "
                    + "calling."
            )
        }
    }

    private func checkDeclarations(_ json: borrowing JSONDocument) throws(GoogleError) {
        var names: Set<String> = []
        for (toolIndex, tool) in json.each(request.tools).enumerated() {
            let nodes = json.each(json.value("functionDeclarations", or: "function_declarations", of: tool))
            for (index, node) in nodes.enumerated() {
                let path = "tools[\(toolIndex)].function_declarations[\(index)]"
                let declaration = FunctionDeclaration(node, of: json)
                guard Self.isFunctionName(declaration.name) else {
                    throw .invalid(
                        "* GenerateContentRequest.\(path).name: [FIELD_INVALID] Invalid function name. "
                            + "Must start with "
                            + "a letter or an underscore. Must be alphameric (a-z, A-Z, 0-9), underscores "
                            + "(_), dots (.), "
                            + "colons (:), or dashes (-), with a maximum length of 128."
                    )
                }
                guard names.insert(declaration.name).inserted else {
                    throw .invalid("Duplicate function declaration found: \(declaration.name)")
                }
                guard let parameters = declaration.parameters else { continue }
                if declaration.parametersJSONSchema != nil {
                    throw .invalid(
                        "* GenerateContentRequest.\(path): only one of parameters and "
                            + "parameters_json_schema may be "
                            + "set.\n"
                    )
                }
                try SchemaRules.check(parameters, at: path + ".parameters", json)
            }
        }
    }

    /// A letter or underscore, then letters, digits, `_ . : -`, 128 characters at most.
    static func isFunctionName(_ name: String) -> Bool {
        var isFirst = true
        for byte in name.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "_"):
                break
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: ":"),
                UInt8(ascii: "-"):
                if isFirst { return false }
            default:
                return false
            }
            isFirst = false
        }
        return !isFirst && name.utf8.count <= 128
    }

    /// `allowedFunctionNames` go with the modes that force calls, and name declared functions.
    func checkCalling() throws(GoogleError) {
        guard !request.allowedFunctionNames.isEmpty else { return }
        guard request.callingMode == "ANY" || request.callingMode == "VALIDATED" else {
            throw .invalid("Please set allowed_function_names only when function calling mode is ANY.")
        }
        let declared = Set(request.declarations.map(\.name))
        if let unknown = request.allowedFunctionNames.first(where: { !declared.contains($0) }) {
            throw .invalid("Allowed function name \(unknown) is not in the function declarations.")
        }
    }
}
