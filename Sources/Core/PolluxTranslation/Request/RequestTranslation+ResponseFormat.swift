internal import PolluxJSON
internal import PolluxOpenAIWire

/// `response_format` → `responseMimeType` and the schema (FMT-001…007).
extension RequestTranslation {
    mutating func writeResponseFormat() throws(APIError) {
        guard let node = request[.responseFormat] else { return }
        if json.isString(node) {
            let word = json.string(node)
            guard word.contains("/") else { throw unknownFormat(word) }
            return writeMIMEType(node)
        }
        guard json.isObject(node) else { throw invalidType("response_format", "an object", node) }
        guard let type = json.value("type", of: node) else { throw .missing("response_format.type") }
        guard json.isString(type) else { throw invalidType("response_format.type", "a string", type) }
        let word = json.string(type)
        switch word {
        case "text":
            guard !setsModalities else { return }
            writer.key("responseMimeType")
            writer.string("text/plain")
        case "json_object":
            writer.key("responseMimeType")
            writer.string("application/json")
        case "json_schema":
            try writeJSONSchema(node)
        case _ where word.contains("/"):
            writeMIMEType(type)
            if let holder = json.value("json_schema", of: node), let schema = json.value("schema", of: holder) {
                try writeSchema(schema, named: word, description: nil, path: "response_format.json_schema.schema")
            } else if let schema = json.value("schema", of: node) {
                try writeSchema(schema, named: word, description: nil, path: "response_format.schema")
            }
        default: throw unknownFormat(word)
        }
    }

    private func unknownFormat(_ word: String) -> APIError {
        .invalidValue("response_format.type", found: word, supported: ["json_object", "json_schema", "text"])
    }

    /// FMT-005: any other MIME type as it is.
    private mutating func writeMIMEType(_ node: JSONNode) {
        writer.key("responseMimeType")
        writer.copy(node, of: json)
    }

    /// FMT-004
    private mutating func writeJSONSchema(_ format: JSONNode) throws(APIError) {
        guard let holder = json.value("json_schema", of: format) else { throw .missing("response_format.json_schema") }
        guard json.isObject(holder) else { throw invalidType("response_format.json_schema", "an object", holder) }
        guard let name = json.value("name", of: holder) else { throw .missing("response_format.json_schema.name") }
        guard json.isString(name) else { throw invalidType("response_format.json_schema.name", "a string", name) }
        let text = json.string(name)
        guard (1...64).contains(text.utf8.count), text.utf8.allSatisfy(Self.isSchemaNameByte) else {
            throw .badRequest(
                "Invalid 'response_format.json_schema.name': expected 1 to 64 letters, digits, '_' or '-'.",
                param: "response_format.json_schema.name", code: "invalid_value"
            )
        }
        writer.key("responseMimeType")
        writer.string("application/json")
        if let strict = json.value("strict", of: holder) {
            guard json.boolean(strict) != nil else {
                throw invalidType("response_format.json_schema.strict", "a boolean", strict)
            }
            notes.note(.ignored, "response_format.json_schema.strict", rule: "FMT-004")
        }
        let description = json.value("description", of: holder)
        if let description, !json.isString(description) {
            throw invalidType("response_format.json_schema.description", "a string", description)
        }
        guard let schema = json.value("schema", of: holder) else { return }
        if description != nil, let own = json.value("description", of: schema), !json.isEmptyText(own) {
            notes.note(.ignored, "response_format.json_schema.description", rule: "FMT-004", "the schema has its own")
        }
        try writeSchema(schema, named: text, description: description, path: "response_format.json_schema.schema")
    }

    private static func isSchemaNameByte(_ byte: UInt8) -> Bool {
        (byte | 0x20) &- UInt8(ascii: "a") < 26 || byte &- UInt8(ascii: "0") < 10 || byte == UInt8(ascii: "_")
            || byte == UInt8(ascii: "-")
    }

    private mutating func writeSchema(
        _ schema: JSONNode, named name: String, description: JSONNode?, path: String
    ) throws(APIError) {
        guard json.isObject(schema) || json.boolean(schema) != nil else { throw invalidType(path, "an object", schema) }
        let translator = SchemaTranslator(form: schemaForm, use: .responseFormat, description: description)
        writer.key(settings.schemaMode == .openapi ? "responseSchema" : "responseJsonSchema")
        do throws(SchemaError) {
            try schemas.write(schema, of: json, by: translator, into: &writer, path: path, notes: &notes)
        } catch {
            throw .badRequest(
                "Invalid schema for response_format '\(APIError.shortened(name))': \(error.reason)", param: path,
                code: "invalid_json_schema"
            )
        }
    }
}
