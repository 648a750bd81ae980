import PolluxJSON

/// The checks on a schema in Google's OpenAPI form (`parameters`, `responseSchema`).
enum SchemaRules {
    /// Schemas inside each other that are looked at.
    static let maximumDepth = 60

    static func check(
        _ schema: JSONNode, at path: String, depth: Int = 0, _ json: borrowing JSONDocument
    ) throws(GoogleError) {
        guard json.isObject(schema), depth <= maximumDepth else { return }
        let type = json.word(json.value("type", of: schema)) ?? ""
        let properties = json.value("properties", of: schema)
        let items = json.value("items", of: schema)
        let values = json.value("enum", of: schema)
        let choices = json.each(json.value("anyOf", or: "any_of", of: schema))
        if type.isEmpty, json.value("type", of: schema) == nil, choices.isEmpty,
            json.value("ref", of: schema) == nil, properties != nil || items != nil || values != nil
        {
            throw refusal("\(path).type: must be specified")
        }
        if values != nil, !["STRING", "INTEGER", "NUMBER", ""].contains(type) {
            throw refusal("\(path).enum: only allowed for STRING type")
        }
        if type == "STRING" {
            for (index, value) in json.each(values).enumerated() where json.length(value) == 0 {
                throw refusal("\(path).enum[\(index)]: cannot be empty")
            }
            let format = json.text(of: json.value("format", of: schema)) ?? ""
            if !["", "enum", "date-time"].contains(format) {
                throw refusal("\(path).format: only 'enum' and 'date-time' are supported for STRING type")
            }
        }
        if type == "ARRAY", items == nil { throw refusal("\(path).items: missing field.") }
        if let properties {
            if type == "OBJECT", !json.isEmpty(properties) {
                try checkRequired(of: schema, properties, at: path, json)
            }
            var members = json.members(properties)
            while let member = members.next(in: json) {
                try check(
                    member.value, at: "\(path).properties[\(json.string(member.key))]", depth: depth + 1, json
                )
            }
        }
        if let items { try check(items, at: path + ".items", depth: depth + 1, json) }
        for (index, choice) in choices.enumerated() {
            try check(choice, at: "\(path).any_of[\(index)]", depth: depth + 1, json)
        }
    }

    private static func checkRequired(
        of schema: JSONNode, _ properties: JSONNode, at path: String, _ json: borrowing JSONDocument
    ) throws(GoogleError) {
        let required = json.each(json.value("required", of: schema))
        guard !required.isEmpty else { return }
        var defined: Set<String> = []
        var members = json.members(properties)
        while let member = members.next(in: json) { defined.insert(json.string(member.key)) }
        for (index, name) in required.enumerated() where !defined.contains(json.string(name)) {
            throw refusal("\(path).required[\(index)]: property is not defined")
        }
    }

    private static func refusal(_ message: String) -> GoogleError {
        .invalid("* GenerateContentRequest.\(message)\n")
    }
}
