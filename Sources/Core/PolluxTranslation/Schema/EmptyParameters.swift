public import PolluxJSON

/// Whether a function's `parameters` say no more than that there are none (TOOL-004).
///
/// `null`, `{}`, and an object schema without properties. Definitions, `required`, and a free
/// `additionalProperties` change nothing about that; an `additionalProperties` with a schema of its own, or
/// members that bring properties from elsewhere (`$ref`, `anyOf`, …), do.
public func isEmptyParameters(_ schema: JSONNode, of json: borrowing JSONDocument) -> Bool {
    switch json.kind(schema) {
    case .null: return true
    case .array: return json.isEmpty(schema)
    case .object: break
    default: return false
    }
    var members = json.members(schema)
    while let member = members.next(in: json) {
        switch SchemaKeyword(member.key, of: json) {
        case .type:
            guard
                json.equals(member.value, "object") || json.equals(member.value, "OBJECT")
                    || json.isNull(member.value)
            else { return false }
        case .properties, .additionalProperties:
            if json.isObject(member.value), !json.isEmpty(member.value) { return false }
        case .ref, .anyOf, .oneOf, .allOf, .enumeration, .constant, .items, .prefixItems:
            if !json.isNull(member.value) { return false }
        default: continue
        }
    }
    return true
}
