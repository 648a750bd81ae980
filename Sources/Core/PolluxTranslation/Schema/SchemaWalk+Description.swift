internal import PolluxJSON

/// `description`, and the hints in it: what Gemini cannot hold a model to, the model is told.
///
///     "description": "A code", "pattern": "^a$", "minLength": 2
///     "description": "A code (pattern: ^a$) (minLength: 2)"
///
///     "pattern": "^a$"
///     "description": "(pattern: ^a$)"
extension SchemaWalk {
    /// Whether a member is told in `description` instead of being written, or beside it.
    func isHint(_ member: SchemaMember, _ facts: SchemaFacts) -> Bool {
        switch member.keyword {
        case .multipleOf: true
        case .pattern, .minLength, .maxLength: !isOpenAPI
        case .format: isOpenAPI && !keepsFormat(member.value, facts)
        case .constant:
            isOpenAPI
                ? facts.types.withoutNull != .string || facts.values != .string
                    || json.length(member.value) == 0
                : facts.values.isDisjoint(with: [.string, .number, .integer])
        case .enumeration:
            isOpenAPI
                ? !facts.present.contains(.constant) && facts.types.withoutNull != .string
                    && !facts.admitted.isSubset(of: [.null, .boolean])
                : isTold(facts)
        default: false
        }
    }

    /// Strings take only these formats in the OpenAPI form; the service answers 400 for others.
    func keepsFormat(_ format: JSONNode, _ facts: SchemaFacts) -> Bool {
        !facts.types.contains(.string) || json.equals(format, "date-time") || json.equals(format, "enum")
    }

    /// Writes the description at its place; without one, at the place of the first hint.
    mutating func description(at index: Int, _ facts: SchemaFacts, into writer: inout JSONWriter) {
        if members[index].keyword != .description {
            guard !facts.present.contains(.description) else { return }
            for earlier in facts.firstMember..<index where isHint(members[earlier], facts) { return }
        }
        writer.key("description")
        writer.beginString()
        var isEmpty = true
        if members[index].keyword == .description {
            isEmpty = json.length(members[index].value) == 0
            writer.fragment(copying: members[index].value, of: json)
        }
        for other in facts.firstMember..<members.count where isHint(members[other], facts) {
            hint(members[other], facts, isFirst: isEmpty, into: &writer)
            isEmpty = false
        }
        writer.endString()
    }

    /// ` (pattern: ^a$)`
    private mutating func hint(
        _ member: SchemaMember, _ facts: SchemaFacts, isFirst: Bool, into writer: inout JSONWriter
    ) {
        note(.changed, member.key, "told in description")
        if !isFirst { writer.output.append(UInt8(ascii: " ")) }
        writer.output.append(UInt8(ascii: "("))
        switch member.keyword {
        case .multipleOf: writer.output.append("multipleOf" as StaticString)
        case .pattern: writer.output.append("pattern" as StaticString)
        case .minLength: writer.output.append("minLength" as StaticString)
        case .maxLength: writer.output.append("maxLength" as StaticString)
        case .format: writer.output.append("format" as StaticString)
        case .constant: writer.output.append("const" as StaticString)
        default: writer.output.append("one of" as StaticString)
        }
        writer.output.append(": " as StaticString)
        if member.keyword == .enumeration {
            // Beside `true` a text may be "true".
            let keepsQuotes = facts.values.contains(.string) && facts.values.withoutNull != .string
            var isFirst = true
            var elements = json.elements(member.value)
            while let element = elements.next(in: json) {
                if json.isNull(element) { continue }
                if !isFirst { writer.output.append(", " as StaticString) }
                isFirst = false
                told(element, keepsQuotes: keepsQuotes, into: &writer)
            }
        } else {
            told(member.value, keepsQuotes: false, into: &writer)
        }
        writer.output.append(UInt8(ascii: ")"))
    }

    /// A value as text: a string without its quotes, unless nothing is in between or they are wanted; other JSON as it is.
    private func told(_ value: JSONNode, keepsQuotes: Bool, into writer: inout JSONWriter) {
        if json.isString(value), json.length(value) > 0, !keepsQuotes {
            writer.fragment(copying: value, of: json)
        } else {
            writer.fragment(jsonText: value, of: json)
        }
    }
}
