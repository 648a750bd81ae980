import PolluxJSON
import PolluxTranslation
import Testing

extension SchemaForm {
    static var vertex: SchemaForm { .openAPI(keepsAdditionalProperties: true) }
    static var developer: SchemaForm { .openAPI(keepsAdditionalProperties: false) }
}

/// What becomes of a schema, compact.
func translated(
    _ schema: String, to form: SchemaForm = .jsonSchema, for use: SchemaUse = .responseFormat
) throws -> String {
    try translated(Array(schema.utf8), to: form, for: use)
}

func translated(_ schema: [UInt8], to form: SchemaForm, for use: SchemaUse) throws -> String {
    var notes = NoteTaker.off
    return try translated(schema, by: SchemaTranslator(form: form, use: use), notes: &notes)
}

func translated(_ schema: [UInt8], by translator: SchemaTranslator, notes: inout NoteTaker) throws -> String {
    var tape = JSONTape()
    try tape.parse(schema.span)
    var writer = JSONWriter()
    try translator.write(
        .root, of: tape.document(of: schema.span), into: &writer, path: "parameters", notes: &notes)
    return String(copying: writer.output.span)
}

/// The notes that a translation takes, sorted: `changed parameters.pattern SCH-001`.
func notes(
    _ schema: String, to form: SchemaForm = .jsonSchema, for use: SchemaUse = .responseFormat
) throws -> [String] {
    var notes = NoteTaker(isOn: true)
    _ = try translated(Array(schema.utf8), by: SchemaTranslator(form: form, use: use), notes: &notes)
    return notes.notes.map { "\($0.fate.rawValue) \($0.path) \($0.rule)" }.sorted()
}

/// Why a schema is refused; `nil` when it is not.
func refusal(_ schema: String, to form: SchemaForm = .jsonSchema, for use: SchemaUse = .responseFormat)
    -> String?
{
    do {
        _ = try translated(schema, to: form, for: use)
        return nil
    } catch {
        return (error as? SchemaError)?.reason ?? "\(error)"
    }
}
