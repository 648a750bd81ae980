/// The messages of a service's requests, and the fields of each.
///
/// The tables are written as text, one message after another:
///
///     Blob { mimeType string, data bytes }
///     Content { parts [Part], role string }                     […] may repeat
///     Part { text string, inlineData Blob } oneof(text, inlineData)
///     Schema { properties <Schema>, type (STRING|OBJECT) }      <…> is a map, (…|…) a set of words
///     Tool { name string @beta }                                known to Vertex AI's v1beta1 only
struct FieldTable: Sendable {
    indirect enum FieldType: Sendable {
        case string
        case bytes
        case boolean
        case int32
        case int64
        case float
        /// Any JSON value.
        case any
        /// Any JSON object.
        case structure
        case message(Int)
        case map(FieldType)
        case words([String])
    }

    struct Field: Sendable {
        /// The name in snake_case, as error messages give it.
        var name: String
        /// The JSON name, in lowerCamelCase.
        var camelCase: [UInt8]
        var snakeCase: [UInt8]
        var type: FieldType
        var repeats = false
        var isBeta = false
    }

    struct Message: Sendable {
        var name: String
        var fields: [Field] = []
        /// Groups of fields of which at most one may be set, by index.
        var alternatives: [[Int]] = []
        var isDefined = false
    }

    private(set) var messages: [Message] = []
    private var indices: [String: Int] = [:]

    init(_ text: String) {
        var reader = FieldTableReader(text)
        while let name = reader.word() { message(name, from: &reader) }
    }

    /// The index of the message with this name.
    func index(of name: String) -> Int? { indices[name] }

    private mutating func reference(to name: String) -> Int {
        if let index = indices[name] { return index }
        messages.append(Message(name: name))
        indices[name] = messages.count - 1
        return messages.count - 1
    }

    private mutating func message(_ name: String, from reader: inout FieldTableReader) {
        let index = reference(to: name)
        messages[index].isDefined = true
        reader.skip("{")
        while !reader.skip("}"), let camelCase = reader.word() {
            let snakeCase = Self.snakeCase(camelCase)
            var field = Field(
                name: snakeCase, camelCase: Array(camelCase.utf8), snakeCase: Array(snakeCase.utf8),
                type: .any
            )
            field.repeats = reader.skip("[")
            field.type = type(from: &reader)
            if field.repeats { reader.skip("]") }
            if reader.skip("@") { field.isBeta = reader.word() == "beta" }
            reader.skip(",")
            messages[index].fields.append(field)
        }
        while reader.skip("oneof(") {
            var group: [Int] = []
            while !reader.skip(")"), let member = reader.word() {
                if let field = messages[index].fields.firstIndex(where: {
                    $0.camelCase.elementsEqual(member.utf8)
                }) {
                    group.append(field)
                }
                reader.skip(",")
            }
            messages[index].alternatives.append(group)
        }
    }

    private mutating func type(from reader: inout FieldTableReader) -> FieldType {
        if reader.skip("<") {
            let value = type(from: &reader)
            reader.skip(">")
            return .map(value)
        }
        if reader.skip("(") {
            var words: [String] = []
            while !reader.skip(")"), let word = reader.word() {
                words.append(word)
                reader.skip("|")
            }
            return .words(words)
        }
        switch reader.word() {
        case "string": return .string
        case "bytes": return .bytes
        case "bool": return .boolean
        case "int32": return .int32
        case "int64": return .int64
        case "float": return .float
        case "struct": return .structure
        case "any", nil: return .any
        case .some(let name): return .message(reference(to: name))
        }
    }

    static func snakeCase(_ name: String) -> String {
        var result = ""
        for character in name {
            if character.isUppercase { result += "_" }
            result += character.lowercased()
        }
        return result
    }
}

/// Reads words and marks of a table's text.
struct FieldTableReader {
    private let bytes: [UInt8]
    private var at = 0

    init(_ text: String) { bytes = Array(text.utf8) }

    private mutating func skipSpace() {
        while at < bytes.count, bytes[at] == UInt8(ascii: " ") || bytes[at] == UInt8(ascii: "\n") { at += 1 }
    }

    /// Passes over `mark` when it comes next.
    @discardableResult
    mutating func skip(_ mark: String) -> Bool {
        skipSpace()
        guard bytes[at...].starts(with: mark.utf8) else { return false }
        at += mark.utf8.count
        return true
    }

    /// The next run of letters, digits and underscores.
    mutating func word() -> String? {
        skipSpace()
        let start = at
        while at < bytes.count, isWordByte(bytes[at]) { at += 1 }
        return at > start ? String(decoding: bytes[start..<at], as: UTF8.self) : nil
    }

    private func isWordByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}
