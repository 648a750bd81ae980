internal import Crypto
public import PolluxConfiguration
public import PolluxOpenAIWire
public import PolluxSecret

/// Who a client is (01 § 4).
public enum ClientIdentity: Sendable {
    /// Nobody asked.
    case anonymous
    /// A gateway key, by its name.
    case key(Configuration.Auth.Key)
    /// A credential of Google's that the client brought along; it goes upstream unread.
    case passthrough(Secret)

    /// The name for logs and limits.
    public var name: String {
        switch self {
        case .anonymous: "anonymous"
        case .key(let key): key.name
        case .passthrough: "passthrough"
        }
    }

    /// Whom remembered things belong to; tenants never share (SIG-010).
    ///
    ///     a gateway key                  its name
    ///     an access token                the project and location that it is used for: tokens change by the hour
    ///     a key of the Developer API     the key itself, as a digest: its path names no project
    public func tenant(project: String, location: String) -> String {
        guard case .passthrough(let credential) = self else { return "key \(name)" }
        if !project.isEmpty { return "passthrough \(project)/\(location)" }
        let digest = credential.withText { SHA256.hash(data: Array($0.utf8)) }
        return "passthrough " + digest.map { String($0, radix: 16) }.joined(separator: ".")
    }
}

/// Checks clients' credentials.
public struct ClientAuthentication: Sendable {
    private let auth: Configuration.Auth

    public init(_ auth: Configuration.Auth) { self.auth = auth }

    public var mode: Configuration.Auth.Mode { auth.mode }

    /// - Throws: 401 for a missing or wrong credential (AUTH-006).
    public func identify(_ request: ClientRequest) throws(APIError) -> ClientIdentity {
        if auth.mode == .none { return .anonymous }
        guard let credential = credential(request) else {
            throw APIError(status: 401, kind: .invalidRequest, message: "You didn't provide an API key.")
        }
        if auth.mode == .passthrough { return .passthrough(Secret(credential)) }
        let digest = SHA256.hash(data: Array(credential.utf8))
        var found: Configuration.Auth.Key?
        for key in auth.keys where Self.isSame(digest, key.sha256) { found = key }
        guard let found else {
            throw APIError(
                status: 401, kind: .invalidRequest,
                message: "Incorrect API key provided: \(Self.masked(credential)).", code: "invalid_api_key"
            )
        }
        return .key(found)
    }

    /// The first of the places where clients put their key (AUTH-004).
    private func credential(_ request: ClientRequest) -> String? {
        if let value = request.header("authorization") {
            if let token = Self.bearer(value.utf8[...]) { return token }
        }
        for name in ["x-goog-api-key", "api-key"] {
            if let value = request.header(name), !value.isEmpty { return value }
        }
        guard auth.allowQueryKey, let value = request.query("key"), !value.isEmpty else { return nil }
        return value
    }

    /// The token behind `Bearer`, whatever its letters' case.
    private static func bearer(_ value: Substring.UTF8View) -> String? {
        let scheme = value.prefix(7)
        guard scheme.elementsEqual("bearer ".utf8, by: { $0 | 0x20 == $1 | 0x20 }) else { return nil }
        let token = value.dropFirst(7).drop { $0 == 0x20 }
        return token.isEmpty ? nil : String(Substring(token))
    }

    /// Compares all 32 bytes, wherever the first difference is (AUTH-005).
    private static func isSame(_ digest: SHA256Digest, _ expected: [UInt8]) -> Bool {
        var difference: UInt8 = expected.count == SHA256Digest.byteCount ? 0 : 1
        for (first, second) in zip(digest, expected) { difference |= first ^ second }
        return difference == 0
    }

    /// `abcd****wxyz`, or only stars for a short key.
    static func masked(_ key: String) -> String {
        let scalars = Array(key.unicodeScalars)
        guard scalars.count >= 12 else { return String(repeating: "*", count: min(scalars.count, 11)) }
        func text(_ part: ArraySlice<Unicode.Scalar>) -> String {
            String(String.UnicodeScalarView(part.map { $0.isASCII && $0.value > 0x20 && $0.value != 0x7F ? $0 : "?" }))
        }
        return text(scalars.prefix(4)) + "****" + text(scalars.suffix(4))
    }
}
