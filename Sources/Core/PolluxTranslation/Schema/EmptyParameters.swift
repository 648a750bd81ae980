public import PolluxJSON

/// Whether a function's `parameters` say no more than that there are none (TOOL-004).
///
/// `null`, `{}`, and an object schema without properties that may be there. Definitions, `required`, and a free
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
            guard isObjectType(member.value, of: json) else { return false }
        case .properties:
            if admitsAny(member.value, of: json) { return false }
        case .additionalProperties:
            if json.isObject(member.value), !json.isEmpty(member.value) { return false }
        case .ref, .anyOf, .oneOf, .allOf, .enumeration, .constant, .items, .prefixItems:
            if !json.isNull(member.value) { return false }
        default: continue
        }
    }
    return true
}

/// `object`, alone or beside `null`, which arguments never are; or no type.
private func isObjectType(_ type: JSONNode, of json: borrowing JSONDocument) -> Bool {
    var words = json.elements(type)
    var hasObject = false
    while let word = words.next(in: json) {
        if json.equals(word, "object") || json.equals(word, "OBJECT") {
            hasObject = true
        } else if !json.equals(word, "null"), !json.equals(word, "NULL") {
            return false
        }
    }
    return hasObject || json.equals(type, "object") || json.equals(type, "OBJECT") || json.isNull(type)
}

/// Whether one of the properties may be there: those that are `false` or `null` may not.
private func admitsAny(_ properties: JSONNode, of json: borrowing JSONDocument) -> Bool {
    var members = json.members(properties)
    while let member = members.next(in: json) {
        if json.boolean(member.value) != false, !json.isNull(member.value) { return true }
    }
    return false
}
