import PolluxJSON

/// Writes a value that fits a schema.
///
/// Both forms are read: JSON Schema, and Google's OpenAPI form with its upper-case types, `nullable`
/// and `any_of`. Keywords outside of what Google supports (`pattern`, `not`, `if`) are not looked at.
///
/// - Limit: behind `optionalDepth`, or after `maximumValues` values, only what is required is written. What
///   is then still too deep (`maximumDepth`) or too much (`maximumValues` again) is cut with `null`: no
///   answer of that size was asked for in earnest.
struct SchemaSampler {
    static let maximumValues = 2000
    static let maximumDepth = 48
    static let optionalDepth = 4
    /// Elements of an array that are written when a schema demands more.
    static let maximumElements = 200

    let hints: TextHints
    var chance: Chance
    private var root = JSONNode.root
    private var valuesLeft = maximumValues
    /// Counts strings, so that those of one array differ.
    var ordinal = 0

    init(hints: TextHints, chance: Chance) {
        self.hints = hints
        self.chance = chance
    }

    /// Writes a value for `schema`, against whose root its references are resolved.
    mutating func write(_ schema: JSONNode, into writer: inout JSONWriter, of json: borrowing JSONDocument) {
        root = schema
        value(schema, named: "", depth: 0, into: &writer, of: json)
    }

    // MARK: Choosing

    private mutating func value(
        _ schema: JSONNode, named name: String, depth: Int, into writer: inout JSONWriter,
        of json: borrowing JSONDocument
    ) {
        valuesLeft -= 1
        guard depth < Self.maximumDepth, valuesLeft > -Self.maximumValues else { return writer.null() }
        let layers = self.layers(of: schema, depth: depth, json)
        if let constant = layers.member("const", json) {
            return writer.copy(constant, of: json)
        }
        let types = self.types(layers, json)
        let isNullable =
            types.contains("null") || layers.value("nullable", json).map { json.boolean($0) } == true
        if isNullable, depth > Self.optionalDepth || valuesLeft < 0 { return writer.null() }
        let type = types.first { $0 != "null" } ?? types.first ?? inferredType(layers, json)
        if let values = layers.value("enum", json), !json.isEmpty(values), json.isArray(values) {
            return element(of: values, type: type, into: &writer, json)
        }
        switch type {
        case "object": object(layers, depth: depth, into: &writer, of: json)
        case "array": array(layers, named: name, depth: depth, into: &writer, of: json)
        case "integer": integer(layers, into: &writer, json)
        case "number": number(layers, into: &writer, json)
        case "boolean": writer.boolean(!chance.next().isMultiple(of: 2))
        case "null": writer.null()
        default: writer.string(text: string(layers, named: name, json))
        }
    }

    private mutating func element(
        of values: JSONNode, type: String, into writer: inout JSONWriter, _ json: borrowing JSONDocument
    ) {
        let all = json.each(values)
        let candidates = all.filter { !json.isNull($0) }
        guard !candidates.isEmpty else { return writer.null() }
        // A value that the user names is the plausible one.
        let named = candidates.first { json.isString($0) && hints.contains(json.string($0).lowercased()) }
        let chosen = named ?? candidates[chance.below(candidates.count)]
        if type == "integer" || type == "number", json.isString(chosen), Double(json.string(chosen)) != nil {
            writer.raw(json.raw(chosen))
        } else {
            writer.copy(chosen, of: json)
        }
    }

    // MARK: Layers

    /// The schemas that hold at once: the schema, what it refers to, all of its `allOf`, one of each choice.
    private mutating func layers(
        of schema: JSONNode, depth: Int, _ json: borrowing JSONDocument
    ) -> SchemaLayers {
        var layers = SchemaLayers()
        var waiting = [schema]
        var next = 0
        while next < waiting.count, layers.nodes.count < SchemaLayers.maximumNodes {
            let node = waiting[next]
            next += 1
            guard json.isObject(node), !layers.nodes.contains(node) else { continue }
            layers.nodes.append(node)
            if let reference = json.value("$ref", or: "ref", of: node), json.isString(reference),
                let target = resolve(json.string(reference), json)
            {
                waiting.append(target)
            }
            waiting += json.each(json.value("allOf", or: "all_of", of: node))
            for choices in [
                json.value("anyOf", or: "any_of", of: node), json.value("oneOf", or: "one_of", of: node),
            ] {
                if let chosen = choice(json.each(choices), depth: depth, json) { waiting.append(chosen) }
            }
        }
        return layers
    }

    private mutating func choice(
        _ choices: [JSONNode], depth: Int, _ json: borrowing JSONDocument
    ) -> JSONNode? {
        guard !choices.isEmpty else { return nil }
        let isDeep = depth > Self.optionalDepth || valuesLeft < 0
        let fitting = choices.filter { node in
            let type = json.word(json.value("type", of: node))
            if isDeep { return type != nil && type != "OBJECT" && type != "ARRAY" }
            return type != "NULL"
        }
        let candidates = fitting.isEmpty ? choices : fitting
        return candidates[chance.below(candidates.count)]
    }

    /// Follows `#`, `#/$defs/name` or any other JSON pointer into the root schema.
    private func resolve(_ reference: String, _ json: borrowing JSONDocument) -> JSONNode? {
        let pieces = reference.split(separator: "/", omittingEmptySubsequences: false)
        guard pieces.first == "#" else { return nil }
        var node = root
        for piece in pieces.dropFirst() {
            let name = piece.split(separator: "~1", omittingEmptySubsequences: false).joined(separator: "/")
                .split(separator: "~0", omittingEmptySubsequences: false).joined(separator: "~")
            if json.isArray(node), let index = Int(name) {
                let elements = json.each(node)
                guard elements.indices.contains(index) else { return nil }
                node = elements[index]
            } else if let member = json.member(named: name, of: node) {
                node = member
            } else {
                return nil
            }
        }
        return node
    }

    private func types(_ layers: SchemaLayers, _ json: borrowing JSONDocument) -> [String] {
        guard let type = layers.value("type", json) else { return [] }
        return json.each(type).map { json.string($0).lowercased() }.filter { $0 != "type_unspecified" }
    }

    private func inferredType(_ layers: SchemaLayers, _ json: borrowing JSONDocument) -> String {
        if layers.value("properties", json) != nil || layers.value("additionalProperties", json) != nil {
            return "object"
        }
        if layers.value("items", json) != nil || layers.value("prefixItems", json) != nil { return "array" }
        if layers.value("minimum", json) != nil || layers.value("maximum", json) != nil { return "number" }
        return "string"
    }

    // MARK: Objects and arrays

    private mutating func object(
        _ layers: SchemaLayers, depth: Int, into writer: inout JSONWriter, of json: borrowing JSONDocument
    ) {
        let required = Set(layers.names("required", json))
        let properties = layers.properties(json)
        let isGenerous = depth < Self.optionalDepth && valuesLeft > 0
        writer.beginObject()
        var written = 0
        for property in properties where isGenerous || required.contains(property.name) {
            if let node = property.node, json.boolean(node) == false { continue }
            writer.key(text: property.name)
            if let node = property.node {
                value(node, named: property.name, depth: depth + 1, into: &writer, of: json)
            } else {
                writer.string(text: string(SchemaLayers(), named: property.name, json))
            }
            written += 1
        }
        let minimum = json.wholeNumber(layers.value("minProperties", or: "min_properties", json)) ?? 0
        let others = layers.value("additionalProperties", or: "additional_properties", json)
        if let others, json.isObject(others) {
            let wanted = max(minimum, properties.isEmpty && isGenerous ? 1 : 0)
            while written < min(wanted, Self.maximumElements) {
                writer.key(text: "key\(written + 1)")
                value(others, named: "", depth: depth + 1, into: &writer, of: json)
                written += 1
            }
        }
        writer.endObject()
    }

    private mutating func array(
        _ layers: SchemaLayers, named name: String, depth: Int, into writer: inout JSONWriter,
        of json: borrowing JSONDocument
    ) {
        let minimum = max(json.wholeNumber(layers.value("minItems", or: "min_items", json)) ?? 0, 0)
        let maximum = json.wholeNumber(layers.value("maxItems", or: "max_items", json)) ?? Int.max
        let prefix = json.each(layers.value("prefixItems", or: "prefix_items", json))
        let items = layers.value("items", json)
        var wanted = depth > Self.optionalDepth || valuesLeft < 0 ? 0 : depth == 0 ? 3 : 2
        if !prefix.isEmpty { wanted = prefix.count }
        let count = min(max(min(wanted, maximum), minimum), Self.maximumElements)
        writer.beginArray()
        for index in 0..<count {
            ordinal = index
            if index < prefix.count {
                value(prefix[index], named: name, depth: depth + 1, into: &writer, of: json)
            } else if let items, json.isObject(items) {
                value(items, named: name, depth: depth + 1, into: &writer, of: json)
            } else {
                writer.string(text: string(SchemaLayers(), named: name, json))
            }
        }
        writer.endArray()
        ordinal = 0
    }
}
