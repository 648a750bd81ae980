internal import PolluxJSON

/// The common case: sub-schemas that stay as they are are found in one walk, and their source is copied.
///
/// The walk notes the place of each keyword that has to change, in ascending order. A sub-schema without
/// such a place in its range is clean. It looks at keywords, types and names only, and allocates nothing as
/// long as all is clean. Members that merely go, such as `$schema`, are left out of the copy. Only the JSON
/// Schema form has clean sub-schemas.
///
/// Gain: a tool's schema of 1 KB is written in 1.2 µs instead of 3.4 µs.
extension SchemaWalk {
    /// Looks at the sub-schema at `node` and all in it.
    ///
    /// - Returns: Whether a member of it is left.
    /// - Throws: When the schema is larger than we accept (SCH-004).
    @discardableResult
    mutating func findUnclean(in node: JSONNode, depth: Int) throws(SchemaError) -> Bool {
        guard depth <= SchemaTranslator.maximumDepth else { throw tooDeep }
        nodes += 1
        guard nodes <= SchemaTranslator.maximumNodes else { throw tooMany }
        var present: SchemaKeywords = []
        var properties: JSONNode?
        var source = json.members(node)
        while let (key, value) = source.next(in: json) {
            let name = json.range(key)
            let range = json.outerRange(value)
            let keyword = SchemaKeyword(key, of: json)
            if keyword == .other {
                cuts.append(name.lowerBound - 1..<range.upperBound)
                continue
            }
            let kind = json.kind(value)
            if keyword == .properties { properties = value }
            if present.contains(keyword) || !isClean(keyword, kind, value, in: node, properties) {
                unclean.append(name.lowerBound)
            }
            present.insert(keyword)
            if kind == .object || kind == .array {
                try findUnclean(inValueOf: keyword, value, kind, depth: depth)
            }
        }
        return !present.isEmpty
    }

    /// Goes on with the sub-schemas that a keyword holds.
    private mutating func findUnclean(
        inValueOf keyword: SchemaKeyword, _ value: JSONNode, _ kind: JSONKind, depth: Int
    ) throws(SchemaError) {
        switch (keyword, kind) {
        case (.properties, .object), (.defs, .object), (.definitions, .object):
            var source = json.members(value)
            while let (key, schema) = source.next(in: json) {
                let name = json.range(key)
                if json.isObject(schema) {
                    try findUnclean(in: schema, depth: depth + 1)
                } else {
                    unclean.append(name.lowerBound)
                }
            }
        case (.items, .object), (.additionalProperties, .object):
            try findUnclean(in: value, depth: depth + 1)
        case (.anyOf, .array), (.oneOf, .array), (.allOf, .array), (.prefixItems, .array), (.items, .array):
            var elements = json.elements(value)
            while let element = elements.next(in: json) {
                let range = json.outerRange(element)
                // An alternative that is empty may make the whole keyword go.
                let isKept = json.isObject(element) ? try findUnclean(in: element, depth: depth + 1) : false
                if !isKept { unclean.append(range.upperBound - 1) }
            }
        default: break
        }
    }

    /// Whether a keyword and its own value stay; sub-schemas in it are looked at elsewhere.
    private mutating func isClean(
        _ keyword: SchemaKeyword, _ kind: JSONKind, _ value: JSONNode, in node: JSONNode,
        _ properties: JSONNode?
    ) -> Bool {
        switch keyword {
        case .type: return isCleanType(value)
        case .description, .title, .format, .id, .anchor: return kind == .string
        case .properties, .defs, .items: return kind == .object
        case .additionalProperties:
            return kind == .true || kind == .object || kind == .false && !hasPatternProperties(node)
        case .required: return isClean(required: value, of: properties ?? json.member("properties", of: node))
        case .enumeration: return isClean(enumeration: value)
        case .default: return true
        case .minItems, .maxItems, .minimum, .maximum: return kind == .number
        case .anyOf, .oneOf, .prefixItems: return kind == .array && !json.isEmpty(value)
        case .propertyOrdering: return kind == .array
        case .ref: return isClean(reference: value, in: node)
        default: return false
        }
    }

    /// Whether names are allowed by patterns, which the service does not know.
    func hasPatternProperties(_ node: JSONNode) -> Bool {
        json.value("patternProperties", of: node).map { json.isObject($0) && !json.isEmpty($0) } ?? false
    }

    private func isCleanType(_ value: JSONNode) -> Bool {
        if json.isString(value) {
            let word = json.raw(value)
            return word.count >= 4 && word[0] >= UInt8(ascii: "a") && SchemaTypes(named: word) != nil
        }
        guard json.isArray(value), !json.isEmpty(value) else { return false }
        var words = json.elements(value)
        while let word = words.next(in: json) {
            guard json.isString(word), isCleanType(word) else { return false }
        }
        return true
    }

    private func isClean(enumeration value: JSONNode) -> Bool {
        guard json.isArray(value), !json.isEmpty(value) else { return false }
        var elements = json.elements(value)
        while let element = elements.next(in: json) {
            let kind = json.kind(element)
            guard kind == .string || kind == .number else { return false }
        }
        return true
    }

    private func isClean(required value: JSONNode, of properties: JSONNode?) -> Bool {
        guard json.isArray(value) else { return false }
        var names = SchemaMemberFinder(properties)
        var elements = json.elements(value)
        while let element = elements.next(in: json) {
            guard isRequirable(element, &names) else { return false }
        }
        return true
    }

    private mutating func isClean(reference: JSONNode, in node: JSONNode) -> Bool {
        guard json.isString(reference), json.isPlain(reference), isAlone(.ref, in: node),
            json.member("description", of: node) == nil, target(of: reference) != nil
        else { return false }
        let text = json.raw(reference)
        return text.count == 1 || text.matches("#/$defs/") && Self.isFollowed(text)
    }

    // MARK: Copying

    /// Whether the sub-schema at `node` stays as it is, but for members that go.
    func isClean(_ node: JSONNode) -> Bool {
        let range = json.range(node)
        return Self.first(in: range, of: unclean, at: { $0 }) == nil
            && (mayCut || Self.first(in: range, of: cuts, at: { $0.lowerBound }) == nil)
    }

    /// Whether members may be left out of the source's bytes: each needs a note when notes are taken, and
    /// white space around them would stay.
    private var mayCut: Bool { isCompact && !notes.isOn }

    /// Whether the whole schema stays as it is, but for members that go.
    func isCleanTop() -> Bool {
        guard isClean(root), description == nil, json.member("$ref", of: root) == nil else { return false }
        return !isTool || json.member("type", of: root).map { json.equals($0, "object") } ?? false
    }

    func copyClean(_ node: JSONNode, into writer: inout JSONWriter) {
        guard isCompact else { return writer.copy(node, of: json) }
        let range = json.range(node)
        guard var next = Self.first(in: range, of: cuts, at: { $0.lowerBound }) else {
            return writer.raw(json.raw(node))
        }
        writer.separate()
        var start = range.lowerBound
        while next < cuts.count, cuts[next].lowerBound < range.upperBound {
            let cut = cuts[next]
            writer.output.append(json.bytes.extracting(start..<cut.lowerBound))
            start = cut.upperBound
            if json.bytes[start] == UInt8(ascii: ",") {
                start += 1
            } else if writer.output.last == UInt8(ascii: ",") {
                // The last member went: so does the comma before it.
                writer.output.truncate(to: writer.output.count - 1)
            }
            next += 1
        }
        writer.output.append(json.bytes.extracting(start..<range.upperBound))
    }

    /// Index of the first of ascending places that is in `range`.
    private static func first<Place>(
        in range: Range<Int>, of places: [Place], at position: (Place) -> Int
    ) -> Int? {
        var lower = 0
        var upper = places.count
        while lower < upper {
            let middle = (lower + upper) / 2
            if position(places[middle]) < range.lowerBound { lower = middle + 1 } else { upper = middle }
        }
        return lower < places.count && position(places[lower]) < range.upperBound ? lower : nil
    }
}
