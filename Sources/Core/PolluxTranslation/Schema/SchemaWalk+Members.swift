internal import PolluxJSON

/// Members that hold sub-schemas or name them, alike in both forms.
extension SchemaWalk {
    /// Whether this is the first of several members to be united; they are all written with it.
    private func isFirst(_ index: Int, _ facts: SchemaFacts) -> Bool {
        self.index(of: members[index].keyword, in: facts) == index
    }

    /// Writes `properties` or `$defs`.
    ///
    /// A property that is `false` is left out; a definition is not, because references name it. Either is
    /// when it is `null`.
    mutating func namedSchemas(
        at index: Int, as name: StaticString, _ facts: SchemaFacts, depth: Int, into writer: inout JSONWriter
    ) throws(SchemaError) {
        guard isFirst(index, facts) else { return }
        writer.key(name)
        writer.beginObject()
        let keyword = members[index].keyword
        if members[(index + 1)...].contains(where: { $0.keyword == keyword }) {
            for property in united(keyword, facts) {
                try namedSchema(property.key, property.value, keyword, depth: depth, into: &writer)
            }
        } else {
            var source = json.members(members[index].value)
            while let (key, value) = source.next(in: json) {
                try namedSchema(key, value, keyword, depth: depth, into: &writer)
            }
        }
        writer.endObject()
    }

    private mutating func namedSchema(
        _ key: JSONNode, _ value: JSONNode, _ keyword: SchemaKeyword, depth: Int,
        into writer: inout JSONWriter
    ) throws(SchemaError) {
        guard isSchema(value) || keyword == .defs && !json.isNull(value) else {
            return note(.ignored, key, "removed")
        }
        writer.key(copying: key, of: json)
        try schema(value, depth: depth + 1, into: &writer)
    }

    /// Whether something of that name is there: neither `false` nor `null`.
    private func isSchema(_ value: JSONNode) -> Bool {
        let kind = json.kind(value)
        return kind != .false && kind != .null
    }

    /// The members of several objects. Of the same name the nearest counts, and of equally near ones the
    /// last.
    private func united(
        _ keyword: SchemaKeyword, _ facts: SchemaFacts
    ) -> [(key: JSONNode, value: JSONNode, distance: UInt8)] {
        var result: [(key: JSONNode, value: JSONNode, distance: UInt8)] = []
        var places: [String: Int] = [:]
        for member in members[facts.firstMember...] where member.keyword == keyword {
            var source = json.members(member.value)
            while let (key, value) = source.next(in: json) {
                let name = json.string(key)
                if let place = places[name] {
                    if member.distance <= result[place].distance {
                        result[place] = (key, value, member.distance)
                    }
                } else {
                    places[name] = result.count
                    result.append((key, value, member.distance))
                }
            }
        }
        return result
    }

    /// Writes `required` with those names that `properties` has.
    mutating func required(at index: Int, _ facts: SchemaFacts, into writer: inout JSONWriter) {
        guard isFirst(index, facts) else { return }
        let start = writer.output.count
        writer.key("required")
        writer.beginArray()
        var names = SchemaMemberFinder(value(of: .properties, in: facts))
        if members[facts.firstMember...].count(where: { $0.keyword == .properties }) > 1 {
            names = SchemaMemberFinder(united(.properties, facts).map { ($0.key, $0.value) }, in: json)
        }
        let isUnited = members[(index + 1)...].contains { $0.keyword == .required }
        var written: Set<String> = []
        var isEmpty = true
        var hadNames = false
        for position in index..<members.count where members[position].keyword == .required {
            var elements = json.elements(members[position].value)
            while let element = elements.next(in: json) {
                hadNames = true
                guard isRequirable(element, &names) else {
                    note(.repaired, element, "not in properties")
                    continue
                }
                if isUnited, !written.insert(json.string(element)).inserted { continue }
                writer.copy(element, of: json)
                isEmpty = false
            }
        }
        writer.endArray()
        if isEmpty, hadNames { writer.output.truncate(to: start) }
    }

    func isRequirable(_ element: JSONNode, _ names: inout SchemaMemberFinder) -> Bool {
        guard json.isString(element) else { return false }
        let value = json.withText(element) { names.find($0, in: json) }
        return value.map { isSchema($0) } ?? false
    }

    /// Writes a member as it is.
    func copy(_ name: StaticString, _ value: JSONNode, into writer: inout JSONWriter) {
        writer.key(name)
        writer.copy(value, of: json)
    }

    /// Writes `additionalProperties`: a schema, or whether there may be any.
    mutating func additionalProperties(
        _ value: JSONNode, depth: Int, into writer: inout JSONWriter
    ) throws(SchemaError) {
        writer.key("additionalProperties")
        if let boolean = json.boolean(value) {
            writer.boolean(boolean)
        } else {
            try schema(value, depth: depth + 1, into: &writer)
        }
    }

    /// Writes `anyOf` or `oneOf`; nothing, when every alternative admits everything.
    ///
    /// A tool that wants "a or b" writes `"anyOf":[{"required":["a"]},{"required":["b"]}]`; without the names
    /// that are not properties there, nothing is left of it.
    mutating func alternatives(
        at index: Int, as name: StaticString, _ facts: SchemaFacts, depth: Int, into writer: inout JSONWriter
    ) throws(SchemaError) {
        let (key, value) = (members[index].key, members[index].value)
        let emptySchemaBytes = ",{}".utf8.count
        let start = writer.output.count
        var isConstraint = false
        var hasNull = false
        writer.key(name)
        writer.beginArray()
        var elements = json.elements(value)
        while let element = elements.next(in: json) {
            if json.boolean(element) == false {
                note(.ignored, element, "removed")
                continue
            }
            if isNull(element) {
                hasNull = true
                if isOpenAPI { continue }
            }
            let before = writer.output.count
            let types = try schema(element, depth: depth + 1, into: &writer)
            if isOpenAPI, types == .null {
                hasNull = true
                writer.output.truncate(to: before)
            } else if writer.output.count - before > emptySchemaBytes {
                isConstraint = true
            }
        }
        if isConstraint, !isOpenAPI, facts.isNullable, facts.types.isEmpty, !hasNull {
            writer.raw(#"{"type":"null"}"#)
        }
        writer.endArray()
        if !isConstraint {
            writer.output.truncate(to: start)
            note(.ignored, key, "no constraint left")
        }
        if isOpenAPI, hasNull, !facts.isNullable, !facts.types.contains(.null) {
            writer.key("nullable")
            writer.boolean(true)
        }
    }
}
