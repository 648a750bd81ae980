/// What a request says before its body, as far as the emulator looks at it.
struct RequestHead: Sendable {
    var method: String
    var target: RequestTarget
    /// The token of an `Authorization: Bearer` header, unless it is empty.
    var bearer: String?
    /// The text behind `Authorization: Basic`.
    var basic: String?
    /// An `x-goog-api-key` header or `key` parameter, unless it is empty.
    var key: String?
    /// `Metadata-Flavor`, which the metadata server asks for.
    var metadataFlavor: String?
    /// Fields that hold no secrets, for the request log.
    var shownFields: [(name: String, value: String)] = []

    init(
        method: String, uri: String, authorization: String? = nil, key: String? = nil, metadataFlavor: String? = nil
    ) {
        self.method = method
        target = RequestTarget(uri)
        if let authorization {
            bearer = Self.credential(of: authorization, scheme: "bearer")
            basic = Self.credential(of: authorization, scheme: "basic")
        }
        self.key = [key, target.parameter("key")].compactMap(\.self).first { !$0.isEmpty }
        self.metadataFlavor = metadataFlavor
    }

    private static func credential(of authorization: String, scheme: String) -> String? {
        guard let space = authorization.firstIndex(of: " "), authorization[..<space].lowercased() == scheme,
            case let credential = authorization[space...].drop(while: { $0 == " " }), !credential.isEmpty
        else { return nil }
        return String(credential)
    }
}
