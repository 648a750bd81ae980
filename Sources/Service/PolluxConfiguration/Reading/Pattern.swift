/// A form that texts of one key must have, and how an error says so.
struct Pattern: Sendable {
    let expectation: String
    let matches: @Sendable (String) -> Bool

    private init(_ expectation: String, _ form: NameForm) {
        self.init(expectation: expectation) { form.matches($0) }
    }

    private init(expectation: String, matches: @escaping @Sendable (String) -> Bool) {
        self.expectation = expectation
        self.matches = matches
    }
}

extension Pattern {
    /// Names the operator gives to backends and keys; they appear in logs and metrics.
    static let name = Pattern(
        "1 to 63 letters, digits, '.', '_' or '-', beginning with a letter or digit", .name)

    /// EP-013.
    static let project = Pattern(
        "a project: 1 to 63 of a-z, 0-9, ':', '.', '-', beginning with a letter or digit", .project)

    /// EP-013: the location becomes part of a host name.
    static let location = Pattern(
        "a location: 1 to 40 of a-z, 0-9, '-', beginning and ending with a letter or digit", .location)

    /// EP-013.
    static let endpointID = Pattern(
        "an endpoint id: 1 to 63 letters, digits, '_' or '-', beginning with a letter or digit", .endpointID)

    /// MOD-002.
    static let modelName = Pattern(
        "a model id: 1 to 128 letters, digits, '.', '_', '@', ':' or '-'", .modelID)

    /// MOD-001, SELF-011.
    static let aliasName = Pattern(expectation: "a model's name, nor 'NAME/*' with a NAME without '/'") { text in
        guard text.contains("*") else { return !text.isEmpty }
        return text.hasSuffix("/*") && text.count > 2 && !text.dropLast(2).contains { $0 == "*" || $0 == "/" }
    }

    /// MOD-002 with `*` for any characters.
    static let modelPattern = Pattern(expectation: "a model id, in which '*' stands for any characters") {
        text in
        let plain = text.replacing("*", with: "")
        return !text.isEmpty && (plain.isEmpty || modelName.matches("a" + plain))
    }

    /// A thinking level: Google's word in lower case.
    static let level = Pattern("a thinking level in lower case, for example low", .level)

    /// A DNS name without a final dot, or an IPv4 address. Underscores occur in container networks.
    static let dnsName = Pattern(
        expectation: "a host name without scheme, port and path"
    ) { text in
        text.utf8.count <= 253
            && text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { label in
                NameForm.dnsLabel.matches(label)
            }
    }

    /// A name or address to listen on.
    static let host = Pattern(expectation: "a host name or an IP address without port and brackets") { text in
        dnsName.matches(text) || Hosts.isIPv6(text)
    }

    /// What browsers send as `Origin`, or `*`.
    static let origin = Pattern(expectation: "'*' or an origin like https://example.com, without path") {
        text in
        guard text != "*" else { return true }
        let parts = text.split(separator: "://", maxSplits: 1, omittingEmptySubsequences: false)
        return parts.count == 2 && !parts[0].isEmpty && !parts[1].isEmpty
            && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F } && !parts[1].contains("/")
    }

    /// The address of a service account.
    static let email = Pattern(expectation: "the e-mail address of a service account") { text in
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        return parts.count == 2 && name.matches(String(parts[0])) && dnsName.matches(String(parts[1]))
    }

    /// A header that clients may send through. Credentials, connection headers and those that AUTH-007
    /// never forwards are refused.
    static let headerName = Pattern(expectation: "the name of a header that may be forwarded") { text in
        let name = text.lowercased()
        let isToken = !name.isEmpty && name.utf8.allSatisfy(isTokenByte)
        return isToken && !neverForwarded.contains(name)
            && !neverForwardedPrefixes.contains { name.hasPrefix($0) }
    }

    private static let neverForwarded: Set<String> = [
        "accept-encoding", "api-key", "authorization", "connection", "content-encoding", "content-length",
        "content-type", "cookie", "expect", "host", "keep-alive", "te", "trailer", "transfer-encoding",
        "upgrade", "x-goog-api-key",
    ]
    private static let neverForwardedPrefixes = ["openai-", "proxy-", "x-stainless-"]

    /// RFC 9110, `token`.
    private static func isTokenByte(_ byte: UInt8) -> Bool {
        NameForm.Letters.all.contains(byte) || "!#$%&'*+-.^_`|~".utf8.contains(byte)
    }
}
