/// One kind of credentials: fetches a token each time it is asked.
///
/// A provider keeps no token and makes no second attempt; ``TokenCache`` does both.
///
/// - Limits: every request it makes, file it reads and program it runs has a limit of its own.
public protocol TokenProvider: Sendable {
    /// What it is, with its name where it has one, without secrets: `service account x@y`.
    var identity: String { get }
    /// The project that the credentials belong to, when they say so.
    var projectID: String? { get }
    /// Replaces `googleapis.com` in default host names.
    var universeDomain: String { get }

    /// A new token from its source.
    func fetchToken() async throws(CredentialError) -> AccessToken

    /// Whether what the operator gave has changed since the last fetch, so that an error that was
    /// permanent need not stay. Cheap: looks at a file's date at most.
    func hasChanged() -> Bool
}

extension TokenProvider {
    public var projectID: String? { nil }
    public var universeDomain: String { GoogleNames.defaultUniverse }
    public func hasChanged() -> Bool { false }
}

/// Names of Google's that several kinds of credentials share.
enum GoogleNames {
    /// The only scope we ask for (CRED-001).
    static let scope = "https://www.googleapis.com/auth/cloud-platform"
    static let defaultUniverse = "googleapis.com"

    static func tokenURL(universe: String) -> String { "https://oauth2.\(universe)/token" }
    static func exchangeURL(universe: String) -> String { "https://sts.\(universe)/v1/token" }

    /// - Parameter base: another scheme and host than Google's own, for private endpoints and tests.
    static func impersonationURL(email: String, universe: String, base: String?) -> String {
        (base ?? "https://iamcredentials.\(universe)") + "/v1/projects/-/serviceAccounts/\(email)"
            + ":generateAccessToken"
    }
}
