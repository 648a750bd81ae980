import PolluxJSON
import PolluxSecret

/// Reads a credential file or a token endpoint's answer.
///
/// - Limits: 16 levels, 4096 values; the bytes are limited where they are read.
func readCredentialJSON<Result>(
    _ bytes: [UInt8], of what: String, _ body: (borrowing JSONDocument) throws(CredentialError) -> Result
) throws(CredentialError) -> Result {
    var tape = JSONTape()
    do {
        try tape.parse(bytes.span, limits: JSONLimits(maximumDepth: 16, maximumValues: 4096))
    } catch {
        throw .invalid("\(what) is not JSON (\(error.reason) at byte \(error.offset)).")
    }
    let json = tape.document(of: bytes.span)
    guard json.isObject(.root) else { throw .invalid("\(what) is not a JSON object.") }
    return try body(json)
}

extension JSONDocument {
    /// A member that is a string with something in it.
    func textMember(_ name: StaticString, of node: JSONNode) -> String? {
        guard let value = value(name, of: node), isString(value) else { return nil }
        let text = string(value)
        return text.isEmpty ? nil : text
    }

    func requiredText(_ name: StaticString, of node: JSONNode) throws(CredentialError) -> String {
        guard let text = textMember(name, of: node) else { throw .invalid("`\(name)` is missing.") }
        return text
    }

    func secretMember(_ name: StaticString, of node: JSONNode) -> Secret? {
        textMember(name, of: node).map { Secret($0) }
    }

    func requiredSecret(_ name: StaticString, of node: JSONNode) throws(CredentialError) -> Secret {
        Secret(try requiredText(name, of: node))
    }

    /// A whole number, also when it is written as a string or with a fraction.
    func wholeNumberMember(_ name: StaticString, of node: JSONNode) -> Int? {
        guard let value = value(name, of: node) else { return nil }
        if let integer = integer(value) { return integer }
        if isString(value) { return Int(string(value)) }
        return double(value).flatMap { Int(exactly: $0.rounded(.down)) }
    }

    /// `universe_domain`, which becomes part of host names.
    func universeDomain(of node: JSONNode) throws(CredentialError) -> String {
        guard let domain = textMember("universe_domain", of: node) else { return GoogleNames.defaultUniverse }
        let isHostName = domain.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                UInt8(ascii: "."), UInt8(ascii: "-"):
                true
            default: false
            }
        }
        guard isHostName, domain.utf8.count <= 253 else {
            throw .invalid("`universe_domain` is not a host name.")
        }
        return domain
    }
}
