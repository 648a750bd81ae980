internal import PolluxJSON
internal import PolluxOpenAIWire

/// One member of the sub-schema being written, wherever in the source it stands.
struct SchemaMember {
    var keyword: SchemaKeyword
    /// How far it was brought from: 0 for the sub-schema's own, more for what `$ref` and `allOf` bring.
    var distance: UInt8
    var key: JSONNode
    var value: JSONNode
}

/// What is known of one sub-schema once its members are gathered.
struct SchemaFacts {
    /// Where its members begin in ``SchemaWalk/members``.
    let firstMember: Int
    /// Where it begins in ``SchemaWalk/open``.
    let firstOpen: Int
    let isTop: Bool
    /// Definitions that were inlined here.
    var inlined = 0
    var present: SchemaKeywords = []
    /// `nullable: true`, or an alternative that is `null`.
    var isNullable = false
    /// Written as `$ref` alone.
    var isReference = false
    /// A reference that is not inlined, in a form that has no references.
    var isCut = false
    /// Declared types; when there are none, those that must be added.
    var types: SchemaTypes = []
    /// Types of the `const` or of the values of `enum`.
    var values: SchemaTypes = []
    /// Types of those values of `enum` that `type` admits.
    var admitted: SchemaTypes = []

    /// Whether a `type` must be written that the source does not have.
    var addsType: Bool { !present.contains(.type) && !types.isEmpty }
}

/// One walk over a schema, by which it is written in its new form.
///
/// Each sub-schema is gathered (its members are put on a stack, with those that `$ref` and `allOf` bring),
/// examined (its types and values), and written. The stack keeps its memory: a sub-schema costs no
/// allocation.
struct SchemaWalk: ~Copyable, ~Escapable {
    let json: JSONDocument
    let root: JSONNode
    let isOpenAPI: Bool
    let isTool: Bool
    let description: JSONNode?
    /// Keywords that are not removed at once.
    let relevant: SchemaKeywords

    var notes = NoteTaker.off
    /// Where the schema stands in the request.
    let path: String
    /// Members about which a note was taken; a definition is noted once however often it is inlined.
    var noted: Set<JSONNode> = []

    /// Members of the sub-schemas that are being written.
    var members: [SchemaMember] = []
    /// Sub-schemas and definitions that are being written, inside each other.
    var open: [JSONNode] = []
    /// Definitions among ``open`` that stand in the place of a reference.
    var inlined = 0
    var maximumInlined = SchemaTranslator.maximumDepth
    var inlinedBytes = 0
    /// Source text of the descriptions that references kept when they were cut; as much again is allowed.
    var keptBytes = 0
    var isOverBudget = false
    var nodes = 0

    /// Places of keywords that do not stay as they are, ascending.
    var unclean: [Int] = []
    /// Members that go, with their names; ascending.
    var cuts: [Range<Int>] = []
    /// Whether the source has no white space between its tokens and no needless escape.
    let isCompact: Bool

    var definitions: SchemaMemberFinder?
    /// Definitions known to lead back to themselves, or not to.
    var recursions: [JSONNode: Bool] = [:]
    var recursionSteps = 0
    var placeSteps = 0

    @_lifetime(copy json)
    init(of root: JSONNode, in json: JSONDocument, for translator: SchemaTranslator, path: String) {
        self.json = json
        self.root = root
        self.path = path
        isCompact = json.isCompact(root)
        isTool = translator.use == .tool
        description = translator.description
        switch translator.form {
        case .jsonSchema:
            isOpenAPI = false
            relevant = .jsonSchema
        case .openAPI(let keepsAdditionalProperties):
            isOpenAPI = true
            relevant =
                keepsAdditionalProperties
                ? .openAPI.inserting(.additionalProperties) : .openAPI
        }
    }

    /// Makes ready to write the schema, for the first time or again.
    mutating func begin(inlining levels: Int) {
        members.removeAll(keepingCapacity: true)
        open.removeAll(keepingCapacity: true)
        inlined = 0
        maximumInlined = levels
        inlinedBytes = 0
        keptBytes = 0
        isOverBudget = false
        nodes = 0
    }

    mutating func top(into writer: inout JSONWriter) throws(SchemaError) {
        if isTool, json.boolean(root) != nil { throw notAnObjectSchema(nil) }
        if !isOpenAPI, json.isObject(root) {
            try findUnclean(in: root, depth: 1)
            if isCleanTop() { return copyClean(root, into: &writer) }
            nodes = 0
        }
        members.reserveCapacity(32)
        open.reserveCapacity(16)
        try schema(root, isTop: true, depth: 1, into: &writer)
    }

    /// Writes the sub-schema at `node`.
    ///
    /// `true` becomes `{}`. So does `false`, where the sub-schema around cannot leave it out, and the `[]`
    /// that PHP writes for an empty object.
    ///
    /// - Returns: The types that were written, as far as they were looked at.
    @discardableResult
    mutating func schema(
        _ node: JSONNode, isTop: Bool = false, depth: Int, into writer: inout JSONWriter
    ) throws(SchemaError) -> SchemaTypes {
        switch json.kind(node) {
        case .object:
            if !isOpenAPI, !isTop, isClean(node) {
                copyClean(node, into: &writer)
                return []
            }
        case .true, .false:
            writer.raw("{}")
            return []
        case .array where json.isEmpty(node):
            note(.repaired, node, "an empty object")
            writer.raw("{}")
            return []
        default: throw SchemaError(reason: "\(excerpt(node)) is not of type 'object', 'boolean'.")
        }
        if depth > SchemaTranslator.maximumDepth {
            guard inlined > 0 else { throw tooDeep }
            writer.raw(isOpenAPI ? #"{"type":"OBJECT"}"# : #"{"type":"object"}"#)
            return .object
        }
        var facts = SchemaFacts(firstMember: members.count, firstOpen: open.count, isTop: isTop)
        open.append(node)
        try gather(node, as: isTop ? .merged : .own, distance: 0, into: &facts)
        if isTop { addDescription(to: &facts) }
        writer.beginObject()
        if isOpenAPI {
            try writeOpenAPI(&facts, depth: depth, into: &writer)
        } else {
            try writeJSONSchema(&facts, depth: depth, into: &writer)
        }
        writer.endObject()
        members.removeLast(members.count - facts.firstMember)
        open.removeLast(open.count - facts.firstOpen)
        inlined -= facts.inlined
        return facts.types
    }

    /// FMT-004: an answer format's description, where the schema has none.
    private mutating func addDescription(to facts: inout SchemaFacts) {
        guard let description, json.isString(description), json.length(description) > 0 else { return }
        if let index = index(of: .description, in: facts) {
            guard json.length(members[index].value) == 0 else { return }
            members[index].value = description
        } else {
            push(.description, description, description, distance: 0, into: &facts)
        }
    }

    /// Where the sub-schema's member of that keyword stands on the stack.
    func index(of keyword: SchemaKeyword, in facts: SchemaFacts) -> Int? {
        guard facts.present.contains(keyword) else { return nil }
        return members[facts.firstMember...].firstIndex { $0.keyword == keyword }
    }

    /// The value of the sub-schema's member of that keyword.
    func value(of keyword: SchemaKeyword, in facts: SchemaFacts) -> JSONNode? {
        index(of: keyword, in: facts).map { members[$0].value }
    }

    // MARK: Errors

    var tooDeep: SchemaError {
        SchemaError(reason: "more than \(SchemaTranslator.maximumDepth) schemas inside each other.")
    }

    var tooMany: SchemaError {
        SchemaError(reason: "more than \(SchemaTranslator.maximumNodes) schemas.")
    }

    /// The top level of a function's parameters has this `type`.
    func notAnObjectSchema(_ type: JSONNode?) -> SchemaError {
        let found = type.map { json.isString($0) ? json.string($0) : String(copying: json.raw($0)) } ?? "None"
        return SchemaError(
            reason:
                #"schema must be a JSON Schema of 'type: "object"', got 'type: "\#(APIError.shortened(found))"'."#)
    }

    /// The source text of a value, as an error shows it.
    func excerpt(_ node: JSONNode) -> String {
        let text =
            json.isString(node)
            ? json.string(node) : String(copying: json.bytes.extracting(json.outerRange(node)))
        return "'\(APIError.shortened(text, to: 64))'"
    }
}
