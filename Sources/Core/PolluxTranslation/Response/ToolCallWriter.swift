internal import PolluxJSON

/// `functionCall` → an entry of `tool_calls` (TOOL-040…045).
struct ToolCallWriter {
    let toolNames: ToolNames

    /// The call's id, made up where Gemini gave none.
    ///
    /// - Parameter ids: those that Gemini gave in this answer so far; what is made up is nobody else's.
    static func id(
        _ call: JSONNode, of json: borrowing JSONDocument, ids: inout CallIDs, identifiers: inout IdentifierSource
    ) -> String {
        guard let id = json.value("id", of: call), json.isString(id), json.length(id) > 0 else {
            return identifiers.callID()
        }
        return ids.unique(json.string(id))
    }

    /// Whether the call says which function it is for: a part without a name goes on with the call before it.
    static func isNamed(_ call: JSONNode, of json: borrowing JSONDocument) -> Bool {
        json.value("name", of: call).map { json.isString($0) && json.length($0) > 0 } ?? false
    }

    /// The client's own name of the called function.
    func name(_ call: JSONNode, of json: borrowing JSONDocument) -> String {
        toolNames.original(json.value("name", of: call).map { json.string($0) } ?? "")
    }

    /// `args`, when there are any.
    static func arguments(_ call: JSONNode, of json: borrowing JSONDocument) -> JSONNode? {
        guard let args = json.value("args", of: call), json.isObject(args), !json.isEmpty(args) else { return nil }
        return args
    }

    /// Writes `{"extra_content":…,"function":{"arguments":…,"name":…},"id":…,"type":"function"}`.
    ///
    /// - Parameter index: the place within a stream; absent in a whole answer.
    func write(
        name: String, id: String, arguments: JSONNode?, signature: JSONNode?, index: Int?,
        of json: borrowing JSONDocument, into writer: inout JSONWriter
    ) {
        writer.beginObject()
        let isCustom = toolNames.isCustom(name)
        if isCustom {
            writer.key("custom")
            writer.beginObject()
            writer.key("input")
            if let arguments, let input = json.value("input", of: arguments), json.isString(input) {
                writer.copy(input, of: json)
            } else {
                writeText(arguments, of: json, into: &writer)
            }
            writer.key("name")
            writer.string(text: name)
            writer.endObject()
        }
        if let signature {
            writer.key("extra_content")
            writer.raw("{\"google\":{\"thought_signature\":")
            writer.copy(signature, of: json)
            writer.output.append("}}" as StaticString)
        }
        if !isCustom {
            writer.key("function")
            writeFunction(name: name, arguments: arguments, of: json, into: &writer)
        }
        writer.key("id")
        writer.string(text: id)
        if let index {
            writer.key("index")
            writer.integer(index)
        }
        writer.key("type")
        writer.string(isCustom ? "custom" : "function")
        writer.endObject()
    }

    /// Writes `{"arguments":"{…}","name":…}`: also the whole of a legacy `function_call`.
    func writeFunction(
        name: String, arguments: JSONNode?, of json: borrowing JSONDocument, into writer: inout JSONWriter
    ) {
        writer.beginObject()
        writer.key("arguments")
        writeText(arguments, of: json, into: &writer)
        writer.key("name")
        writer.string(text: name)
        writer.endObject()
    }

    private func writeText(_ arguments: JSONNode?, of json: borrowing JSONDocument, into writer: inout JSONWriter) {
        writer.beginString()
        if let arguments {
            writer.fragment(jsonText: arguments, of: json)
        } else {
            writer.output.append("{}" as StaticString)
        }
        writer.endString()
    }
}
