internal import PolluxJSON

/// The members of a sub-schema in `parametersJsonSchema` and `responseJsonSchema` (SCH-001).
///
///     $id $anchor format title default items prefixItems minItems maxItems minimum maximum
///     properties propertyOrdering additionalProperties anyOf oneOf     as they are
///     definitions                      $defs, references to it rewritten
///     $ref                             alone, or inlined
///     type                             lower case
///     nullable                         "null" among the types, or in anyOf
///     enum                             strings and numbers; null is a type; with other values all are told
///     const                            enum of one, with its type; other than text and numbers: told
///     exclusiveMinimum …               minimum
///     required                         only names of properties
///     pattern minLength maxLength multipleOf     told in description
///     allOf                            merged
///     every other keyword              removed
extension SchemaWalk {
    mutating func writeJSONSchema(
        _ facts: inout SchemaFacts, depth: Int, into writer: inout JSONWriter
    ) throws(SchemaError) {
        try examine(&facts)
        if facts.isReference { return try writeReference(facts, depth: depth, into: &writer) }
        let typeKeyword = placeOfAddedType(facts)
        if facts.addsType, typeKeyword == nil { writeTypes(facts.types, into: &writer) }
        for index in facts.firstMember..<members.count {
            let (keyword, value) = (members[index].keyword, members[index].value)
            switch keyword {
            case .type: writeType(value, facts, into: &writer)
            case .description: description(at: index, facts, into: &writer)
            case .title: copy("title", value, into: &writer)
            case .properties:
                try namedSchemas(at: index, as: "properties", facts, depth: depth, into: &writer)
            case .required: required(at: index, facts, into: &writer)
            case .additionalProperties: try additionalProperties(value, depth: depth, into: &writer)
            case .items:
                writer.key("items")
                try schema(value, depth: depth + 1, into: &writer)
            case .enumeration: writeEnumeration(index, facts, into: &writer)
            case .default: copy("default", value, into: &writer)
            case .anyOf: try alternatives(at: index, as: "anyOf", facts, depth: depth, into: &writer)
            case .oneOf: try alternatives(at: index, as: "oneOf", facts, depth: depth, into: &writer)
            case .format: copy("format", value, into: &writer)
            case .minimum, .maximum, .exclusiveMinimum, .exclusiveMaximum:
                bound(keyword, facts, into: &writer)
            case .minItems: copy("minItems", value, into: &writer)
            case .maxItems: copy("maxItems", value, into: &writer)
            case .prefixItems: try writeTuple(value, depth: depth, into: &writer)
            case .propertyOrdering: copy("propertyOrdering", value, into: &writer)
            case .constant: writeConstant(index, facts, into: &writer)
            case .nullable: note(.mapped, members[index].key, "null")
            case .defs: try namedSchemas(at: index, as: "$defs", facts, depth: depth, into: &writer)
            case .id: copy("$id", value, into: &writer)
            case .anchor: copy("$anchor", value, into: &writer)
            default: break
            }
            if keyword == typeKeyword, facts.addsType { writeTypes(facts.types, into: &writer) }
            if isHint(members[index], facts) { description(at: index, facts, into: &writer) }
        }
    }

    // MARK: $ref

    private mutating func writeReference(
        _ facts: SchemaFacts, depth: Int, into writer: inout JSONWriter
    ) throws(SchemaError) {
        for index in facts.firstMember..<members.count {
            let value = members[index].value
            switch members[index].keyword {
            case .ref: writeReference(members[index], into: &writer)
            case .id: copy("$id", value, into: &writer)
            case .anchor: copy("$anchor", value, into: &writer)
            case .defs: try namedSchemas(at: index, as: "$defs", facts, depth: depth, into: &writer)
            case .description: note(.ignored, members[index].key, "beside $ref")
            default: note(.changed, members[index].key, "beside $ref")
            }
        }
    }

    private mutating func writeReference(_ member: SchemaMember, into writer: inout JSONWriter) {
        writer.key("$ref")
        let isRewritten = json.withText(member.value) { writeReference($0, into: &writer) }
        if isRewritten { note(.mapped, member.key, "$defs") }
    }

    private func writeReference(_ reference: Span<UInt8>, into writer: inout JSONWriter) -> Bool {
        guard let start = Self.nameStart(reference), start > 1 else {
            writer.string(utf8: reference)
            return false
        }
        writer.beginString()
        writer.output.append("#/$defs/" as StaticString)
        writer.fragment(utf8: reference.extracting(start..<reference.count))
        writer.endString()
        return reference.matches("#/definitions/")
    }

    // MARK: Types and values

    private mutating func writeType(_ value: JSONNode, _ facts: SchemaFacts, into writer: inout JSONWriter) {
        guard !facts.types.isEmpty else { return }
        if !json.isArray(value) || facts.isTop && isTool {
            if json.equals(value, "null") || facts.types != .null, !json.isArray(value) { noteCase(value) }
            return writeTypes(facts.types, into: &writer)
        }
        writer.key("type")
        writer.beginArray()
        var hasNull = false
        var words = json.elements(value)
        while let word = words.next(in: json) {
            // It was read when the schema was examined, so it is a type.
            guard let type = try? type(word) else { continue }
            if type == .null { hasNull = true }
            noteCase(word)
            writer.string(type.name)
        }
        if facts.types.contains(.null), !hasNull { writer.string("null") }
        writer.endArray()
    }

    /// Notes a type in OpenAPI's spelling.
    private mutating func noteCase(_ word: JSONNode) {
        guard notes.isOn, json.isString(word), json.raw(word)[0] < UInt8(ascii: "a") else { return }
        note(.mapped, word, "lower case")
    }

    private func writeTypes(_ types: SchemaTypes, into writer: inout JSONWriter) {
        writer.key("type")
        if types.isSingle { return writer.string(types.name) }
        writer.beginArray()
        for type in SchemaTypes.all where types.contains(type) { writer.string(type.name) }
        writer.endArray()
    }

    /// The member behind which a missing `type` is written; `nil` when it comes first.
    private func placeOfAddedType(_ facts: SchemaFacts) -> SchemaKeyword? {
        guard facts.addsType, !(facts.isTop && isTool) else { return nil }
        if facts.present.contains(.constant) { return .constant }
        if facts.present.contains(.enumeration) { return .enumeration }
        return facts.present.contains(.nullable) ? .nullable : nil
    }

    private mutating func writeEnumeration(_ index: Int, _ facts: SchemaFacts, into writer: inout JSONWriter) {
        let member = members[index]
        let supported: SchemaTypes = [.string, .number, .integer]
        if facts.present.contains(.constant) {
            note(.mapped, member.key, "const")
        } else if !facts.values.isEmpty, facts.values.isSubset(of: supported) {
            copy("enum", member.value, into: &writer)
        } else if isTold(facts) {
            // In the description.
        } else if !enumeration(
            member.value, of: supported.intersection(facts.admitted), asStrings: false, into: &writer)
        {
            note(facts.values == .null ? .mapped : .changed, member.key, "removed")
        }
    }

    private mutating func writeConstant(_ index: Int, _ facts: SchemaFacts, into writer: inout JSONWriter) {
        guard !facts.values.isDisjoint(with: [.string, .number, .integer]) else { return }
        note(.mapped, members[index].key, "enum")
        enumeration(ofOnly: members[index].value, into: &writer)
    }

    // MARK: Arrays

    private mutating func writeTuple(
        _ value: JSONNode, depth: Int, into writer: inout JSONWriter
    ) throws(SchemaError) {
        guard !json.isEmpty(value) else { return }
        writer.key("prefixItems")
        writer.beginArray()
        var elements = json.elements(value)
        while let element = elements.next(in: json) { try schema(element, depth: depth + 1, into: &writer) }
        writer.endArray()
    }
}
