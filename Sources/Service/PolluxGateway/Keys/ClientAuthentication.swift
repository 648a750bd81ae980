internal import Crypto
public import PolluxConfiguration
public import PolluxOpenAIWire
public import PolluxSecret

/// Who a client is (01 § 4).
public enum ClientIdentity: Sendable {
    /// Nobody asked.
    case anonymous
    /// A gateway key.
    case key(ClientKey)
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
        let credential: Secret
        switch self {
        case .key(let key): return key.tenant
        case .anonymous: return "key anonymous"
        case .passthrough(let own): credential = own
        }
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

    /// - Parameters:
    ///   - keys: those that are valid.
    ///   - seconds: Unix time.
    /// - Throws: 401 for a missing or wrong credential (AUTH-006); 503 when it may be a key that the store knows.
    public func identify(
        _ request: ClientRequest, keys: inout RecentKeys, now seconds: Int
    ) throws(APIError) -> ClientIdentity {
        if auth.mode == .none { return .anonymous }
        guard let credential = credential(request) else {
            throw APIError(status: 401, kind: .invalidRequest, message: "You didn't provide an API key.")
        }
        if auth.mode == .passthrough { return .passthrough(Secret(credential.text)) }
        guard let found = keys.find(credential.value, from: credential.start) else {
            throw keys.ring.isComplete ? Self.incorrect(credential.text) : Self.keysUnknown
        }
        if let expires = found.expires, expires <= seconds { throw Self.expired }
        return .key(found)
    }

    private static func incorrect(_ credential: String) -> APIError {
        APIError(
            status: 401, kind: .invalidRequest,
            message: "Incorrect API key provided: \(masked(credential)).", code: "invalid_api_key"
        )
    }

    private static let expired = APIError(
        status: 401, kind: .invalidRequest, message: "This API key has expired.", code: "invalid_api_key"
    )

    /// The key was revoked while its request ran.
    public static let revoked = APIError(
        status: 401, kind: .invalidRequest, message: "This API key has been revoked.", code: "invalid_api_key"
    )

    private static let keysUnknown = APIError(
        status: 503, kind: .server, message: "The key cannot be checked yet. Please try again.",
        code: "service_unavailable", retryAfter: .seconds(1)
    )

    /// What a client showed: the end of a header's value, or all of it.
    private struct Credential {
        let value: String
        /// Bytes before it.
        var start = 0

        var text: String { String(value.utf8.dropFirst(start)) ?? "" }
    }

    /// The first of the places where clients put their key (AUTH-004).
    private func credential(_ request: ClientRequest) -> Credential? {
        if let value = request.header("authorization"), let start = Self.bearer(value) {
            return Credential(value: value, start: start)
        }
        for name in ["x-goog-api-key", "api-key"] {
            if let value = request.header(name), !value.isEmpty { return Credential(value: value) }
        }
        guard auth.allowQueryKey, let value = request.query("key"), !value.isEmpty else { return nil }
        return Credential(value: value)
    }

    private static let scheme = Array("bearer ".utf8)

    /// Where the token begins behind `Bearer`, whatever its letters' case.
    private static func bearer(_ value: String) -> Int? {
        let bytes = value.utf8Span.span
        var start = scheme.count
        guard bytes.count > start else { return nil }
        for index in 0..<start where bytes[index] | 0x20 != scheme[index] { return nil }
        while start < bytes.count, bytes[start] == 0x20 { start += 1 }
        return start < bytes.count ? start : nil
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
