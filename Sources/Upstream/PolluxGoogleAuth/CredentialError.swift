/// Why there is no token.
///
/// The message is for the operator: it names files, hosts and Google's own words, never a secret. Clients
/// read only that the gateway's credentials failed (CRED-009).
public struct CredentialError: Error, Sendable, Hashable, CustomStringConvertible {
    /// A fixed set of words, fit for metric labels.
    public enum Reason: String, Sendable, Hashable, CaseIterable {
        /// No credentials where we looked.
        case notFound = "not_found"
        /// A file or setting that we cannot use.
        case invalid
        /// A kind of credentials that Pollux does not have.
        case unsupported
        /// A token endpoint said no.
        case refused
        /// A token endpoint could not be reached or failed.
        case unavailable
        /// A token endpoint answered something else than a token.
        case invalidAnswer = "invalid_answer"
        /// The token of the other identity provider could not be had.
        case subjectToken = "subject_token"
        /// The caller was cancelled.
        case cancelled
        /// The cache has been shut down.
        case shutDown = "shut_down"
    }

    public let reason: Reason
    public let message: String
    /// Whether trying again soon is pointless: a refusal, or a setting that is wrong.
    public let isPermanent: Bool

    public var description: String { message }

    public init(_ reason: Reason, _ message: String, isPermanent: Bool = false) {
        self.reason = reason
        self.message = message
        self.isPermanent = isPermanent
    }

    static func invalid(_ message: String) -> Self { Self(.invalid, message, isPermanent: true) }
    static func unsupported(_ message: String) -> Self { Self(.unsupported, message, isPermanent: true) }
    static let cancelled = Self(.cancelled, "The wait for a token was cancelled.")
    static let shutDown = Self(.shutDown, "The token cache has been shut down.", isPermanent: true)

    /// The same error, said of something larger: `impersonating x@y: …`.
    func within(_ context: String) -> Self {
        Self(reason, "\(context): \(message)", isPermanent: isPermanent)
    }
}
