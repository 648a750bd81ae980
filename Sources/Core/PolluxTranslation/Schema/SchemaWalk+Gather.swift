internal import PolluxJSON

/// The members of one sub-schema, with those that `$ref` and `allOf` bring.
///
///     {"title": "A", "allOf": [{"$ref": "#/$defs/b"}, {"required": ["c"]}]}
///
///     title      distance 0
///     type       distance 2    from the definition
///     properties distance 2
///     required   distance 2
///     required   distance 1    united with the one before
///
/// Of two members with the same keyword the one from nearer wins, and of two from equally far the later one.
/// `properties`, `required` and `$defs` are united.
extension SchemaWalk {
    /// How an object of the source belongs to the sub-schema that is gathered.
    enum Standing {
        /// It is the sub-schema.
        case own
        /// It is the one thing that the sub-schema's other members lie over: a definition, or the only
        /// element of an `allOf`.
        case overlaid
        /// It is one of several parts.
        case merged
    }

    mutating func gather(
        _ node: JSONNode, as standing: Standing, distance: Int, into facts: inout SchemaFacts
    ) throws(SchemaError) {
        if inlined == 0 {
            nodes += 1
            guard nodes <= SchemaTranslator.maximumNodes else { throw tooMany }
        }
        guard distance <= SchemaTranslator.maximumDepth else {
            guard inlined > 0 else { throw tooDeep }
            facts.isCut = isOpenAPI
            return
        }
        var source = json.members(node)
        while let (key, value) = source.next(in: json) {
            let keyword = SchemaKeyword(key, of: json)
            let kind = json.kind(value)
            if keyword == .ref, kind != .null {
                try reference(key, value, in: node, as: standing, distance: distance, into: &facts)
                continue
            }
            guard relevant.contains(keyword), keyword.accepts(kind),
                kind != .array || !keyword.needsElements || !json.isEmpty(value)
            else {
                removed(key, keyword, value)
                continue
            }
            switch keyword {
            case .allOf: try parts(key, value, in: node, as: standing, distance: distance, into: &facts)
            case .anyOf, .oneOf:
                if isOpenAPI {
                    try alternatives(key, value, distance: distance, into: &facts)
                } else {
                    push(keyword, key, value, distance: distance, into: &facts)
                }
            case .definitions:
                note(.mapped, key, "$defs")
                push(.defs, key, value, distance: distance, into: &facts)
            case .nullable:
                facts.isNullable = true
                push(.nullable, key, value, distance: distance, into: &facts)
            case .additionalProperties where kind == .false && hasPatternProperties(node):
                // It forbids all names but those of the patterns: without these it would forbid all.
                note(.changed, key, "patternProperties allows others")
            case .items where kind == .array:
                note(.mapped, key, "prefixItems")
                push(.prefixItems, key, value, distance: distance, into: &facts)
            default: push(keyword, key, value, distance: distance, into: &facts)
            }
        }
    }

    /// Puts a member on the stack, unless one from nearer is there.
    mutating func push(
        _ keyword: SchemaKeyword, _ key: JSONNode, _ value: JSONNode, distance: Int,
        into facts: inout SchemaFacts
    ) {
        let member = SchemaMember(
            keyword: keyword, distance: UInt8(truncatingIfNeeded: distance), key: key, value: value)
        if facts.present.contains(keyword), let index = rival(of: member, in: facts) {
            let isNearer = member.distance <= members[index].distance
            if keyword != .description, keyword != .title {
                note(.changed, isNearer ? members[index].key : key, "another one counts")
            }
            if isNearer { members[index] = member }
            return
        }
        facts.present.insert(keyword)
        members.append(member)
    }

    /// The member in whose place this one would stand.
    ///
    /// Of united keywords, only an own one of the same name, which JSON allows and where the last one counts.
    private func rival(of member: SchemaMember, in facts: SchemaFacts) -> Int? {
        if member.keyword == .defs || member.keyword.isUnited && member.distance > 0 { return nil }
        return members[facts.firstMember...].firstIndex {
            $0.keyword == member.keyword && (!member.keyword.isUnited || $0.distance == 0)
        }
    }

    /// `allOf`: its elements become part of the sub-schema.
    private mutating func parts(
        _ key: JSONNode, _ value: JSONNode, in node: JSONNode, as standing: Standing, distance: Int,
        into facts: inout SchemaFacts
    ) throws(SchemaError) {
        let standing: Standing =
            if json.count(value) > 1 { .merged } else if standing == .own, !isAlone(.allOf, in: node) {
                .overlaid
            } else {
                standing
            }
        note(.mapped, key, "merged")
        var elements = json.elements(value)
        while let element = elements.next(in: json) {
            switch json.kind(element) {
            case .object: try gather(element, as: standing, distance: distance + 1, into: &facts)
            case .true: continue
            case .false: note(.changed, element, "nothing is valid against it")
            default: throw SchemaError(reason: "\(excerpt(element)) is not of type 'object', 'boolean'.")
            }
        }
    }

    /// `anyOf` and `oneOf` in the OpenAPI form: of a schema and `null`, the schema is left, and is nullable.
    private mutating func alternatives(
        _ key: JSONNode, _ value: JSONNode, distance: Int, into facts: inout SchemaFacts
    ) throws(SchemaError) {
        var only: JSONNode?
        var others = 0
        var hasNull = false
        var elements = json.elements(value)
        while let element = elements.next(in: json) {
            if isNull(element) {
                hasNull = true
            } else if json.boolean(element) != false {
                only = element
                others += 1
            }
        }
        guard hasNull, others == 1, let only, json.isObject(only) else {
            if hasNull { facts.isNullable = true }
            return push(.anyOf, key, value, distance: distance, into: &facts)
        }
        note(.mapped, key, "nullable", rule: "SCH-002")
        facts.isNullable = true
        try gather(only, as: .merged, distance: distance + 1, into: &facts)
    }

    /// Whether a sub-schema admits `null` and nothing else, itself or by what it refers to.
    mutating func isNull(_ node: JSONNode) -> Bool {
        let maximumSteps = 16
        var waiting = [node]
        for _ in 0..<maximumSteps {
            guard let next = waiting.popLast() else { return false }
            if let isNull = isNullItself(next) { return isNull }
            if let reference = json.value("$ref", of: next), let target = target(of: reference) {
                waiting.append(target)
            }
            if let parts = json.value("allOf", of: next), json.count(parts) <= maximumSteps {
                var elements = json.elements(parts)
                while let element = elements.next(in: json) { waiting.append(element) }
            }
        }
        return false
    }

    /// Whether it is `null` by its `type`, `const` or `enum`; `nil` when it has none of them.
    private func isNullItself(_ node: JSONNode) -> Bool? {
        if let type = json.value("type", of: node) {
            guard json.isArray(type) else { return json.equals(type, "null") || json.equals(type, "NULL") }
            if json.isEmpty(type) { return nil }
            var words = json.elements(type)
            while let word = words.next(in: json) {
                guard json.equals(word, "null") || json.equals(word, "NULL") else { return false }
            }
            return true
        }
        if let constant = json.member("const", of: node) { return json.isNull(constant) }
        guard let values = json.value("enum", of: node), json.isArray(values), !json.isEmpty(values) else {
            return nil
        }
        var elements = json.elements(values)
        while let element = elements.next(in: json) {
            if !json.isNull(element) { return false }
        }
        return true
    }

    /// Whether nothing that matters stands beside this keyword and `$ref`'s usual company.
    func isAlone(_ keyword: SchemaKeyword, in node: JSONNode) -> Bool {
        var source = json.members(node)
        while let member = source.next(in: json) {
            let other = SchemaKeyword(member.key, of: json)
            if other == keyword || SchemaKeywords.besideReference.contains(other) && other != .ref {
                continue
            }
            if relevant.contains(other), other.accepts(json.kind(member.value)) { return false }
        }
        return true
    }

    /// A member that is not carried over.
    private mutating func removed(_ key: JSONNode, _ keyword: SchemaKeyword, _ value: JSONNode) {
        guard notes.isOn else { return }
        if keyword == .other {
            note(.ignored, key, "removed")
        } else if !relevant.contains(keyword) {
            note(.ignored, key, "removed", rule: "SCH-002")
        } else {
            note(json.isNull(value) || json.boolean(value) == false ? .ignored : .repaired, key, "removed")
        }
    }
}
