import PolluxJSON

/// Copies JSON without the keys and tokens that requests may hold.
enum Redaction {
    /// Members that are secrets wherever they stand.
    private static let names: Set<String> = [
        "apiKey", "api_key", "apiKeyString", "api_key_string", "accessToken", "access_token", "idToken", "id_token",
        "clientSecret", "client_secret", "refreshToken", "refresh_token", "private_key", "authorization",
    ]

    static func copy(_ node: JSONNode, of json: borrowing JSONDocument, into writer: inout JSONWriter) {
        if json.isObject(node) {
            writer.beginObject()
            var members = json.members(node)
            while let member = members.next(in: json) {
                writer.key(copying: member.key, of: json)
                if json.isString(member.value), names.contains(json.string(member.key)) {
                    writer.string("…")
                } else {
                    copy(member.value, of: json, into: &writer)
                }
            }
            writer.endObject()
        } else if json.isArray(node) {
            writer.beginArray()
            var elements = json.elements(node)
            while let element = elements.next(in: json) { copy(element, of: json, into: &writer) }
            writer.endArray()
        } else {
            writer.copy(node, of: json)
        }
    }
}
