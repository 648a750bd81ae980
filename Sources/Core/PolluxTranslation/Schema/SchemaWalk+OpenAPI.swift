internal import PolluxJSON

/// The members of a sub-schema in `parameters` and `responseSchema`: the OpenAPI subset (SCH-002).
///
/// Like the JSON Schema form, and:
///
///     $ref                             inlined, or cut: {"type":"OBJECT"} with its description
///     type                             upper case; added when it is missing
///     ["T","null"]                     T, nullable
///     ["T","U"]                        anyOf of both, each with the keywords that are for its type
///     anyOf of X and null              X, nullable
///     oneOf                            anyOf
///     enum, const                      texts, format "enum"; with another type told in description
///     prefixItems                      items with anyOf, minItems and maxItems
///     format of a string               only date-time; others told in description
///     pattern minLength maxLength minProperties maxProperties example      as they are
///     $id $anchor $defs                removed
///     additionalProperties             removed for the Developer API
extension SchemaWalk {
    mutating func writeOpenAPI(
        _ facts: inout SchemaFacts, depth: Int, into writer: inout JSONWriter
    ) throws(SchemaError) {
        if facts.isCut { return writeCut(facts, into: &writer) }
        try examine(&facts)
        if facts.values.contains(.null), facts.present.contains(.enumeration) { facts.isNullable = true }
        let types = facts.types.withoutNull
        let isUnion = !types.isEmpty && !types.isSingle
        if facts.addsType || isUnion || facts.types.isEmpty { writeTypes(facts, into: &writer) }
        for index in facts.firstMember..<members.count {
            if isUnion,
                isOwn(members[index].keyword, of: SchemaTypes.all.reduce(into: []) { $0.formUnion($1) })
            {
                // Dealt out to the alternatives below.
            } else if members[index].keyword == .type {
                if !isUnion, !facts.types.isEmpty { writeTypes(facts, into: &writer) }
            } else {
                try member(at: index, facts, types, depth: depth, into: &writer)
            }
            if isHint(members[index], facts) { description(at: index, facts, into: &writer) }
        }
        if isUnion {
            try writeUnion(types, facts, depth: depth, into: &writer)
        } else if types == .array, facts.present.isDisjoint(with: .itemSchemas) {
            writer.key("items")
            writer.raw(#"{"type":"OBJECT"}"#)
        }
    }

    /// A reference that is not followed: its type and description are left.
    private mutating func writeCut(_ facts: SchemaFacts, into writer: inout JSONWriter) {
        writer.key("type")
        writer.string("OBJECT")
        if facts.isNullable { writeNullable(into: &writer) }
        if let description = value(of: .description, in: facts) {
            writer.key("description")
            writer.copy(description, of: json)
        }
    }

    // MARK: Types

    private func writeTypes(_ facts: SchemaFacts, into writer: inout JSONWriter) {
        let types = facts.types.withoutNull
        if types.isEmpty, facts.types == .null {
            writer.key("type")
            return writer.string("NULL")
        }
        if types.isSingle {
            writer.key("type")
            writer.string(types.upperCaseName)
        }
        let isNullable = facts.isNullable || facts.types.contains(.null)
        if isNullable, !facts.present.contains(.nullable) { writeNullable(into: &writer) }
    }

    private func writeNullable(into writer: inout JSONWriter) {
        writer.key("nullable")
        writer.boolean(true)
    }

    /// Several types: an alternative for each, with the keywords that are for it.
    private mutating func writeUnion(
        _ types: SchemaTypes, _ facts: SchemaFacts, depth: Int, into writer: inout JSONWriter
    ) throws(SchemaError) {
        guard !facts.present.contains(.anyOf) else { return }
        writer.key("anyOf")
        writer.beginArray()
        for type in SchemaTypes.all where types.contains(type) {
            writer.beginObject()
            writer.key("type")
            writer.string(type.upperCaseName)
            for index in facts.firstMember..<members.count where isOwn(members[index].keyword, of: type) {
                try member(at: index, facts, type, depth: depth, into: &writer)
            }
            if type == .array, facts.present.isDisjoint(with: .itemSchemas) {
                writer.key("items")
                writer.raw(#"{"type":"OBJECT"}"#)
            }
            writer.endObject()
        }
        writer.endArray()
    }

    /// Whether a keyword speaks of values of these types only.
    private func isOwn(_ keyword: SchemaKeyword, of types: SchemaTypes) -> Bool {
        types.contains(.array) && SchemaKeywords.ofArrays.contains(keyword)
            || types.contains(.object) && SchemaKeywords.ofObjects.contains(keyword)
            || types.contains(.string) && SchemaKeywords.ofStrings.contains(keyword)
            || !types.isDisjoint(with: [.number, .integer]) && SchemaKeywords.ofNumbers.contains(keyword)
    }

    // MARK: Members

    /// Writes one member into a schema of these types (none, or one).
    private mutating func member(
        at index: Int, _ facts: SchemaFacts, _ types: SchemaTypes, depth: Int, into writer: inout JSONWriter
    ) throws(SchemaError) {
        let (keyword, value) = (members[index].keyword, members[index].value)
        switch keyword {
        case .nullable: if facts.isNullable, facts.types != .null { writeNullable(into: &writer) }
        case .description: description(at: index, facts, into: &writer)
        case .title: copy("title", value, into: &writer)
        case .default: copy("default", value, into: &writer)
        case .example: copy("example", value, into: &writer)
        case .format:
            if !isEnumerated(facts, types), keepsFormat(value, facts) { copy("format", value, into: &writer) }
        case .pattern: copy("pattern", value, into: &writer)
        case .minItems, .maxItems:
            guard !isClosedTuple(facts) else { return }
            count(keyword == .minItems ? "minItems" : "maxItems", index, into: &writer)
        case .minLength: count("minLength", index, into: &writer)
        case .maxLength: count("maxLength", index, into: &writer)
        case .minProperties: count("minProperties", index, into: &writer)
        case .maxProperties: count("maxProperties", index, into: &writer)
        case .minimum, .maximum, .exclusiveMinimum, .exclusiveMaximum: bound(keyword, facts, into: &writer)
        case .enumeration, .constant: writeValues(index, facts, types, into: &writer)
        case .properties: try namedSchemas(at: index, as: "properties", facts, depth: depth, into: &writer)
        case .required: required(at: index, facts, into: &writer)
        case .propertyOrdering: copy("propertyOrdering", value, into: &writer)
        case .additionalProperties: try additionalProperties(value, depth: depth, into: &writer)
        case .items:
            guard !facts.present.contains(.prefixItems) else { return }
            try writeItems(value, depth: depth, into: &writer)
        case .prefixItems: try writeTuple(value, facts, depth: depth, into: &writer)
        case .anyOf: try alternatives(at: index, as: "anyOf", facts, depth: depth, into: &writer)
        default: return
        }
    }

    /// Writes a count, which must be a whole number here.
    private mutating func count(_ name: StaticString, _ index: Int, into writer: inout JSONWriter) {
        guard let number = json.integer(members[index].value), number >= 0 else {
            return note(.repaired, members[index].key, "not a whole number", rule: "SCH-002")
        }
        writer.key(name)
        writer.integer(number)
    }

    // MARK: enum

    /// Whether the schema gets `format: "enum"`.
    private func isEnumerated(_ facts: SchemaFacts, _ types: SchemaTypes) -> Bool {
        types == .string && !facts.values.isDisjoint(with: [.string, .number, .integer])
    }

    private mutating func writeValues(
        _ index: Int, _ facts: SchemaFacts, _ types: SchemaTypes, into writer: inout JSONWriter
    ) {
        let member = members[index]
        if member.keyword == .enumeration, facts.present.contains(.constant) { return }
        guard isEnumerated(facts, types) else {
            if !isHint(member, facts) { note(.changed, member.key, "removed", rule: "SCH-002") }
            return
        }
        if member.keyword == .constant {
            guard facts.values == .string, json.length(member.value) > 0 else { return }
            note(.mapped, member.key, "enum")
            enumeration(ofOnly: member.value, into: &writer)
        } else {
            // Of several types, the numbers are told in description.
            let isUnion = facts.types.withoutNull != .string
            let wanted: SchemaTypes = isUnion ? .string : [.string, .number, .integer]
            guard enumeration(member.value, of: wanted, asStrings: true, into: &writer) else {
                return note(.changed, member.key, "removed", rule: "SCH-002")
            }
        }
        writer.key("format")
        writer.string("enum")
    }

    // MARK: Arrays

    /// An array of exactly as many elements as `prefixItems` has.
    private func isClosedTuple(_ facts: SchemaFacts) -> Bool {
        facts.present.contains(.prefixItems) && !facts.present.contains(.items)
    }

    private mutating func writeItems(
        _ value: JSONNode, depth: Int, into writer: inout JSONWriter
    ) throws(SchemaError) {
        writer.key("items")
        let start = writer.output.count
        try schema(value, depth: depth + 1, into: &writer)
        replaceEmpty(from: start, in: &writer)
    }

    /// The service takes `"items":{}` for none, and refuses an array without.
    private func replaceEmpty(from start: Int, in writer: inout JSONWriter) {
        guard writer.output.count - start == 2 else { return }
        writer.output.truncate(to: start)
        writer.raw(#"{"type":"OBJECT"}"#)
    }

    /// A tuple: any of its schemas for each element, and as many elements as it has.
    private mutating func writeTuple(
        _ value: JSONNode, _ facts: SchemaFacts, depth: Int, into writer: inout JSONWriter
    ) throws(SchemaError) {
        note(
            .changed, members[index(of: .prefixItems, in: facts) ?? facts.firstMember].key, "items",
            rule: "SCH-002")
        var schemas: [JSONNode] = []
        var elements = json.elements(value)
        while let element = elements.next(in: json) { schemas.append(element) }
        let length = schemas.count
        if let rest = self.value(of: .items, in: facts) { schemas.append(rest) }
        var distinct: [String] = []
        var seen: Set<String> = ["{}"]
        var hasNull = false
        for schema in schemas {
            var piece = JSONWriter(minimumCapacity: 128)
            if try self.schema(schema, depth: depth + 1, into: &piece) == .null {
                hasNull = true
            } else {
                let text = String(copying: piece.output.span)
                if seen.insert(text).inserted { distinct.append(text) }
            }
        }
        writer.key("items")
        writeItems(distinct, isNullable: hasNull, into: &writer)
        guard isClosedTuple(facts) else { return }
        writer.key("minItems")
        writer.integer(length)
        writer.key("maxItems")
        writer.integer(length)
    }

    /// A schema for elements that each follow one of several.
    private func writeItems(_ distinct: [String], isNullable: Bool, into writer: inout JSONWriter) {
        if distinct.count == 1, !isNullable {
            writer.separate()
            return writer.output.append(distinct[0])
        }
        writer.beginObject()
        if distinct.isEmpty {
            writer.key("type")
            writer.string(isNullable ? "NULL" : "OBJECT")
        } else {
            if isNullable { writeNullable(into: &writer) }
            writer.key("anyOf")
            writer.beginArray()
            for text in distinct {
                writer.separate()
                writer.output.append(text)
            }
            writer.endArray()
        }
        writer.endObject()
    }
}
