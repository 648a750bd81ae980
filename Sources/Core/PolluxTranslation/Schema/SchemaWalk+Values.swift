internal import PolluxJSON

/// Types and values: what `type`, `nullable`, `enum` and `const` say together.
extension SchemaWalk {
    /// Reads the types of the gathered members, and finds those that must be added.
    ///
    ///     const "a"                     string
    ///     const 1, 1.5                  integer, number
    ///     const true, null              boolean, null
    ///     enum of null, booleans only   these (the enum itself goes)
    ///     nullable                      the types of enum's values; object or array by its keywords
    ///
    /// The OpenAPI form needs a type always, and finds it in the same way.
    ///
    /// - Throws: For a name that is no type, and for a tool's top level that is no object schema.
    mutating func examine(_ facts: inout SchemaFacts) throws(SchemaError) {
        for index in facts.firstMember..<members.count {
            let value = members[index].value
            switch members[index].keyword {
            case .type: facts.types = try types(value)
            case .constant: facts.values = SchemaTypes(of: value, in: json)
            case .enumeration where !facts.present.contains(.constant):
                var elements = json.elements(value)
                while let element = elements.next(in: json) {
                    facts.values.formUnion(SchemaTypes(of: element, in: json))
                }
                if facts.values.contains(.null), facts.values != .null { facts.isNullable = true }
            default: continue
            }
        }
        facts.admitted = admitted(facts)
        if facts.isTop, isTool { return try examineTool(&facts) }
        if !facts.present.contains(.type) { facts.types = typesToAdd(facts) }
        if facts.isNullable, !facts.types.isEmpty { facts.types.insert(.null) }
    }

    /// The top level of a function's parameters: an object schema, never `null`.
    private func examineTool(_ facts: inout SchemaFacts) throws(SchemaError) {
        if facts.present.contains(.type) {
            guard facts.types.withoutNull == .object else {
                throw notAnObjectSchema(value(of: .type, in: facts))
            }
        } else if facts.present.isDisjoint(with: .ofObjects) {
            guard facts.present.isDisjoint(with: .ofOthers) else { throw notAnObjectSchema(nil) }
        }
        facts.types = .object
        facts.isNullable = false
    }

    private func typesToAdd(_ facts: SchemaFacts) -> SchemaTypes {
        if facts.present.contains(.constant) { return facts.values }
        if !facts.values.isEmpty, facts.values.isSubset(of: [.null, .boolean]) { return facts.values }
        if isTold(facts) { return facts.values.withoutNull }
        guard isOpenAPI || facts.isNullable && facts.present.isDisjoint(with: .unions) else { return [] }
        if facts.present.contains(.enumeration) {
            let types = facts.values.intersection([.string, .number, .integer])
            if isOpenAPI, types.contains(.string) { return .string }
            if !types.isEmpty { return types.withoutNull }
        }
        if !facts.present.isDisjoint(with: .ofObjects) { return .object }
        return facts.present.isDisjoint(with: .ofArrays) ? [] : .array
    }

    /// The types that a `type` names: one word, or an array of words.
    private mutating func types(_ value: JSONNode) throws(SchemaError) -> SchemaTypes {
        guard json.isArray(value) else { return try type(value) }
        var types: SchemaTypes = []
        var words = json.elements(value)
        while let word = words.next(in: json) { types.formUnion(try type(word)) }
        return types
    }

    mutating func type(_ word: JSONNode) throws(SchemaError) -> SchemaTypes {
        guard json.isString(word), let type = json.withText(word, { SchemaTypes(named: $0) }) else {
            throw SchemaError(reason: "\(excerpt(word)) is not a valid type.")
        }
        return type
    }

    // MARK: enum

    /// Types of those values of `enum` that `type` admits; of all, where it admits none.
    private func admitted(_ facts: SchemaFacts) -> SchemaTypes {
        if !facts.present.contains(.type) { return facts.values }
        var types = facts.types.union(.null)
        if types.contains(.number) { types.insert(.integer) }
        let admitted = facts.values.intersection(types)
        return admitted.withoutNull.isEmpty ? facts.values : admitted
    }

    /// Whether an `enum` has values beside which the service would take the others for all there are: it knows texts
    /// and numbers only. The model is told of all of them instead. Booleans alone are a type.
    func isTold(_ facts: SchemaFacts) -> Bool {
        guard facts.present.contains(.enumeration), !facts.present.contains(.constant) else { return false }
        return !facts.admitted.isSubset(of: [.string, .number, .integer, .null])
            && !facts.admitted.isSubset(of: [.boolean, .null])
    }

    /// Writes those values of an `enum` that have one of these types.
    ///
    /// Numbers become strings where `asStrings` says so; the service refuses `""` there.
    ///
    /// - Returns: Whether there was one. Otherwise nothing was written.
    mutating func enumeration(
        _ values: JSONNode, of types: SchemaTypes, asStrings: Bool, into writer: inout JSONWriter
    ) -> Bool {
        let start = writer.output.count
        var hasValues = false
        writer.key("enum")
        writer.beginArray()
        var elements = json.elements(values)
        while let element = elements.next(in: json) {
            guard !types.isDisjoint(with: SchemaTypes(of: element, in: json)),
                !asStrings || json.length(element) > 0
            else {
                note(json.isNull(element) ? .mapped : .changed, element, "removed")
                continue
            }
            hasValues = true
            if asStrings, json.isNumber(element) {
                writer.beginString()
                writer.fragment(utf8: json.raw(element))
                writer.endString()
            } else {
                writer.copy(element, of: json)
            }
        }
        writer.endArray()
        if !hasValues { writer.output.truncate(to: start) }
        return hasValues
    }

    /// A `const` as the `enum` of one value.
    mutating func enumeration(ofOnly value: JSONNode, into writer: inout JSONWriter) {
        writer.key("enum")
        writer.beginArray()
        writer.copy(value, of: json)
        writer.endArray()
    }
}
