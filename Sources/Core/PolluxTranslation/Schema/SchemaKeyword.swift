internal import PolluxJSON

/// A keyword of JSON Schema or OpenAPI that the translation knows; all others are ``other``.
enum SchemaKeyword: UInt8, Sendable {
    case other
    case ref, id, anchor, defs, definitions
    case type, nullable, enumeration, constant
    case format, title, description, `default`, example
    case items, prefixItems, minItems, maxItems
    case minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf
    case minLength, maxLength, pattern
    case properties, required, propertyOrdering, additionalProperties, minProperties, maxProperties
    case anyOf, oneOf, allOf

    /// The keyword that a member of a sub-schema is.
    ///
    /// - Cost: a look at the length and the first byte, then at most two comparisons.
    init(_ key: JSONNode, of json: borrowing JSONDocument) {
        self = json.withText(key) { Self.named($0) }
    }

    private static func named(_ name: Span<UInt8>) -> SchemaKeyword {
        guard name.count >= 3 else { return .other }
        let first = name[0]
        switch name.count {
        case 3: return name.equals("$id") ? .id : .other
        case 4:
            if first == UInt8(ascii: "t") { return name.equals("type") ? .type : .other }
            if first == UInt8(ascii: "$") { return name.equals("$ref") ? .ref : .other }
            return name.equals("enum") ? .enumeration : .other
        case 5:
            switch first {
            case UInt8(ascii: "t"): return name.equals("title") ? .title : .other
            case UInt8(ascii: "i"): return name.equals("items") ? .items : .other
            case UInt8(ascii: "c"): return name.equals("const") ? .constant : .other
            case UInt8(ascii: "$"): return name.equals("$defs") ? .defs : .other
            case UInt8(ascii: "o"): return name.equals("oneOf") ? .oneOf : .other
            case UInt8(ascii: "a"):
                return name.equals("anyOf") ? .anyOf : name.equals("allOf") ? .allOf : .other
            default: return .other
            }
        case 6: return name.equals("format") ? .format : .other
        case 7:
            switch first {
            case UInt8(ascii: "d"): return name.equals("default") ? .default : .other
            case UInt8(ascii: "m"):
                return name.equals("minimum") ? .minimum : name.equals("maximum") ? .maximum : .other
            case UInt8(ascii: "p"): return name.equals("pattern") ? .pattern : .other
            case UInt8(ascii: "e"): return name.equals("example") ? .example : .other
            default: return name.equals("$anchor") ? .anchor : .other
            }
        case 8:
            switch first {
            case UInt8(ascii: "r"): return name.equals("required") ? .required : .other
            case UInt8(ascii: "n"): return name.equals("nullable") ? .nullable : .other
            default: return name.equals("minItems") ? .minItems : name.equals("maxItems") ? .maxItems : .other
            }
        case 9: return name.equals("minLength") ? .minLength : name.equals("maxLength") ? .maxLength : .other
        case 10:
            if first == UInt8(ascii: "p") { return name.equals("properties") ? .properties : .other }
            return name.equals("multipleOf") ? .multipleOf : .other
        case 11:
            if first == UInt8(ascii: "p") { return name.equals("prefixItems") ? .prefixItems : .other }
            return name.equals("description")
                ? .description : name.equals("definitions") ? .definitions : .other
        case 13:
            return name.equals("minProperties")
                ? .minProperties : name.equals("maxProperties") ? .maxProperties : .other
        case 16:
            if first == UInt8(ascii: "p") {
                return name.equals("propertyOrdering") ? .propertyOrdering : .other
            }
            return name.equals("exclusiveMinimum")
                ? .exclusiveMinimum : name.equals("exclusiveMaximum") ? .exclusiveMaximum : .other
        case 20: return name.equals("additionalProperties") ? .additionalProperties : .other
        default: return .other
        }
    }

    /// Whether a value of this kind can stand behind the keyword.
    ///
    /// `null` counts as absent (GEN-003), except where a value is data.
    func accepts(_ kind: JSONKind) -> Bool {
        switch self {
        case .other: false
        case .default, .constant, .example: true
        case .ref, .id, .anchor, .format, .title, .description, .pattern: kind == .string
        case .type: kind != .null
        case .nullable: kind == .true
        case .defs, .definitions, .properties: kind == .object
        case .enumeration, .prefixItems, .required, .propertyOrdering, .anyOf, .oneOf, .allOf: kind == .array
        case .items: kind == .object || kind == .array || kind == .true
        case .additionalProperties: kind == .object || kind == .true || kind == .false
        case .exclusiveMinimum, .exclusiveMaximum: kind == .number || kind == .true
        case .minItems, .maxItems, .minimum, .maximum, .multipleOf, .minLength, .maxLength, .minProperties,
            .maxProperties:
            kind == .number
        }
    }

    /// Whether an empty array behind it is a mistake.
    var needsElements: Bool {
        switch self {
        case .type, .enumeration, .items, .prefixItems, .anyOf, .oneOf: true
        default: false
        }
    }

    /// Whether several of these, from the parts of an `allOf`, are united instead of the last one winning.
    var isUnited: Bool { self == .properties || self == .required || self == .defs }
}

/// A set of keywords: one bit each.
struct SchemaKeywords: Sendable, ExpressibleByArrayLiteral {
    private var bits: UInt64 = 0

    init(arrayLiteral keywords: SchemaKeyword...) {
        for keyword in keywords { insert(keyword) }
    }

    var isEmpty: Bool { bits == 0 }

    func contains(_ keyword: SchemaKeyword) -> Bool { bits & (1 << UInt64(keyword.rawValue)) != 0 }

    func isDisjoint(with others: SchemaKeywords) -> Bool { bits & others.bits == 0 }

    mutating func insert(_ keyword: SchemaKeyword) { bits |= 1 << UInt64(keyword.rawValue) }

    func inserting(_ keyword: SchemaKeyword) -> SchemaKeywords {
        var result = self
        result.insert(keyword)
        return result
    }

    /// What has a meaning in `parametersJsonSchema`, as it is or in another form.
    static let jsonSchema: SchemaKeywords = [
        .ref, .id, .anchor, .defs, .definitions, .type, .nullable, .enumeration, .constant, .format, .title,
        .description, .default, .items, .prefixItems, .minItems, .maxItems, .minimum, .maximum,
        .exclusiveMinimum,
        .exclusiveMaximum, .multipleOf, .minLength, .maxLength, .pattern, .properties, .required,
        .propertyOrdering,
        .additionalProperties, .anyOf, .oneOf, .allOf,
    ]

    /// What has a meaning in `parameters`, the OpenAPI form (SCH-002).
    static let openAPI: SchemaKeywords = [
        .ref, .defs, .definitions, .type, .nullable, .enumeration, .constant, .format, .title, .description,
        .default,
        .example, .items, .prefixItems, .minItems, .maxItems, .minimum, .maximum, .exclusiveMinimum,
        .exclusiveMaximum,
        .multipleOf, .minLength, .maxLength, .pattern, .properties, .required, .propertyOrdering,
        .minProperties,
        .maxProperties, .anyOf, .oneOf, .allOf,
    ]

    /// Keywords that may stand beside a `$ref`.
    static let besideReference: SchemaKeywords = [.ref, .id, .anchor, .defs, .definitions]

    /// Other than `type`, these say that a schema is no object schema, or leave it open.
    static let ofOthers: SchemaKeywords = [
        .ref, .enumeration, .constant, .items, .prefixItems, .anyOf, .oneOf,
    ]
    static let unions: SchemaKeywords = [.anyOf, .oneOf]
    static let itemSchemas: SchemaKeywords = [.items, .prefixItems]

    /// Keywords of an array's, object's, string's or number's own; a union of types deals them out.
    static let ofArrays: SchemaKeywords = [.items, .prefixItems, .minItems, .maxItems]
    static let ofObjects: SchemaKeywords = [
        .properties, .required, .propertyOrdering, .additionalProperties, .minProperties, .maxProperties,
    ]
    static let ofStrings: SchemaKeywords = [
        .format, .minLength, .maxLength, .pattern, .enumeration, .constant,
    ]
    static let ofNumbers: SchemaKeywords = [.minimum, .maximum, .exclusiveMinimum, .exclusiveMaximum]
}
