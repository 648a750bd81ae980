public import PolluxJSON

/// Which of Gemini's two fields a schema is written for.
public enum SchemaForm: Sendable, Equatable {
    /// `parametersJsonSchema`, `responseJsonSchema`: JSON Schema after a light clean-up (SCH-001).
    case jsonSchema
    /// `parameters`, `responseSchema`: the OpenAPI subset (SCH-002). Vertex keeps
    /// `additionalProperties`, the Developer API does not know it.
    case openAPI(keepsAdditionalProperties: Bool)
}

/// What a schema describes.
public enum SchemaUse: Sendable, Equatable {
    /// The arguments of a function: the top level must be an object schema.
    case tool
    /// A structured answer: any schema.
    case responseFormat
}

/// Why a schema cannot be translated.
///
/// The reason is a sentence that the caller puts behind `Invalid schema for function 'NAME': `.
public struct SchemaError: Error, Sendable, Equatable {
    public var reason: String

    public init(reason: String) { self.reason = reason }
}

/// A client's JSON Schema → the schema that Gemini takes.
///
/// The schema is written in one walk: members keep their order, numbers their digits (GEN-005, GEN-006), and
/// `enum`, `const`, `default` and `example` values are data that is copied as it stands. The rule for each
/// keyword stands where it is written: `SchemaWalk+JSONSchema`, `SchemaWalk+OpenAPI`, and what both share.
///
/// - Limit: ``maximumDepth`` and ``maximumNodes`` (SCH-004). References are inlined where Gemini cannot read
///   them, but never more than ``maximumInlinedBytes`` of the source's text in one schema. Past that the JSON
///   Schema form keeps `$ref` and drops what stands beside it, and the OpenAPI form is written again with
///   fewer levels of references inside each other; a reference that is cut becomes `{"type":"OBJECT"}` with
///   its description.
/// - Source: Gemini API, "Structured output", supported JSON Schema properties; Vertex AI, `Schema`.
public struct SchemaTranslator: Sendable {
    /// Sub-schemas inside each other.
    public static let maximumDepth = 64
    /// Sub-schemas in one schema.
    public static let maximumNodes = 20_000
    /// How often a definition may stand inside itself in the OpenAPI form.
    public static let maximumRecursion = 5
    /// Source text of all definitions written in the place of references to them.
    public static let maximumInlinedBytes = 256 * 1024

    /// Levels of references inside each other that are tried in turn until the budget suffices.
    static let inliningLevels = [maximumDepth, 5, 4, 3, 2, 1]

    public var form: SchemaForm
    public var use: SchemaUse
    /// A string of the same document that the top level gets when it has no description (FMT-004).
    public var description: JSONNode?

    public init(form: SchemaForm, use: SchemaUse, description: JSONNode? = nil) {
        self.form = form
        self.use = use
        self.description = description
    }

    /// Writes the schema at `schema`.
    ///
    /// - Parameters:
    ///   - path: Where the schema stands in the request; asked for only when notes are taken.
    ///   - notes: Takes each keyword that is removed, changed or renamed, with its place and its rule.
    /// - Throws: When the schema has a limit's worth too much, names a type or a definition that is not
    ///   there, or is not an object schema though a tool needs one. Nothing is written then.
    public func write(
        _ schema: JSONNode, of json: borrowing JSONDocument, into writer: inout JSONWriter,
        path: @autoclosure () -> String, notes: inout NoteTaker
    ) throws(SchemaError) {
        // Google's parser refuses an object that has a name twice; the last one is meant.
        if json.repeatsKeys(schema) {
            return try writeOnce(schema, of: json, into: &writer, path: path(), notes: &notes)
        }
        // Spliced strings could not be taken back.
        let threshold = writer.spliceThreshold
        writer.spliceThreshold = .max
        defer { writer.spliceThreshold = threshold }
        let start = writer.output.count
        var walk = SchemaWalk(of: schema, in: copy json, for: self, path: notes.isOn ? path() : "")
        swap(&walk.notes, &notes)
        defer { swap(&walk.notes, &notes) }
        do {
            for level in Self.inliningLevels {
                walk.begin(inlining: level)
                try walk.top(into: &writer)
                guard walk.isOverBudget, walk.isOpenAPI else { return }
                if level > 1 { writer.output.truncate(to: start) }
            }
        } catch {
            writer.output.truncate(to: start)
            throw error
        }
    }

    /// The same of a copy, in which each name stands once.
    private func writeOnce(
        _ schema: JSONNode, of json: borrowing JSONDocument, into writer: inout JSONWriter,
        path: @autoclosure () -> String, notes: inout NoteTaker
    ) throws(SchemaError) {
        var copy = JSONWriter(minimumCapacity: json.length(schema) + 64)
        copy.beginArray()
        copy.copyOnce(schema, of: json)
        if let description { copy.copy(description, of: json) }
        copy.endArray()
        let bytes = copy.output.array()
        var tape = JSONTape()
        guard (try? tape.parse(bytes.span)) != nil else { throw SchemaError(reason: "it is nested too deeply.") }
        let once = tape.document(of: bytes.span)
        var elements = once.elements(.root)
        guard let root = elements.next(in: once) else { return }
        var translator = self
        translator.description = elements.next(in: once)
        try translator.write(root, of: once, into: &writer, path: path(), notes: &notes)
    }
}
