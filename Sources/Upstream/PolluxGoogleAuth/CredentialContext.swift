import Logging

/// What every kind of credentials is built with.
struct CredentialContext: Sendable {
    var http: CredentialHTTP
    var environment: CredentialEnvironment
    var time: CredentialTime
    var logger: Logger
    /// Replaces scheme and host of IAM credentials calls whose URL no file gives.
    var impersonationBase: String?
}
