internal import PolluxJSON

/// A set of JSON Schema's seven types.
struct SchemaTypes: OptionSet, Sendable {
    var rawValue: UInt8

    init(rawValue: UInt8) { self.rawValue = rawValue }

    static let object = SchemaTypes(rawValue: 1)
    static let array = SchemaTypes(rawValue: 2)
    static let string = SchemaTypes(rawValue: 4)
    static let number = SchemaTypes(rawValue: 8)
    static let integer = SchemaTypes(rawValue: 16)
    static let boolean = SchemaTypes(rawValue: 32)
    static let null = SchemaTypes(rawValue: 64)

    /// Each type alone, in the order in which added types are written.
    static let all: [SchemaTypes] = [.object, .array, .string, .number, .integer, .boolean, .null]

    /// The type of a value; `1.0` is an integer, as JSON Schema sees it.
    init(of value: JSONNode, in json: borrowing JSONDocument) {
        switch json.kind(value) {
        case .null: self = .null
        case .true, .false: self = .boolean
        case .number: self = json.isIntegral(value) ? .integer : .number
        case .string: self = .string
        case .array: self = .array
        case .object: self = .object
        }
    }

    /// The type of that name: `string`, or OpenAPI's `STRING`. No other spelling is one.
    init?(named word: Span<UInt8>) {
        guard word.count >= 4 else { return nil }
        switch word[0] {
        case UInt8(ascii: "s"): if word.equals("string") { self = .string } else { return nil }
        case UInt8(ascii: "o"): if word.equals("object") { self = .object } else { return nil }
        case UInt8(ascii: "i"): if word.equals("integer") { self = .integer } else { return nil }
        case UInt8(ascii: "b"): if word.equals("boolean") { self = .boolean } else { return nil }
        case UInt8(ascii: "a"): if word.equals("array") { self = .array } else { return nil }
        case UInt8(ascii: "n"):
            if word.equals("number") {
                self = .number
            } else if word.equals("null") {
                self = .null
            } else {
                return nil
            }
        default:
            for type in Self.all where word.equals(type.upperCaseName) {
                self = type
                return
            }
            return nil
        }
    }

    /// The name of a set of one.
    var name: StaticString {
        switch self {
        case .object: "object"
        case .array: "array"
        case .string: "string"
        case .number: "number"
        case .integer: "integer"
        case .boolean: "boolean"
        default: "null"
        }
    }

    /// The name in the OpenAPI form.
    var upperCaseName: StaticString {
        switch self {
        case .object: "OBJECT"
        case .array: "ARRAY"
        case .string: "STRING"
        case .number: "NUMBER"
        case .integer: "INTEGER"
        case .boolean: "BOOLEAN"
        default: "NULL"
        }
    }

    var isSingle: Bool { rawValue.nonzeroBitCount == 1 }

    /// The set without `null`, and without `integer` when it has `number`.
    var withoutNull: SchemaTypes {
        var types = subtracting(.null)
        if types.contains(.number) { types.remove(.integer) }
        return types
    }
}
