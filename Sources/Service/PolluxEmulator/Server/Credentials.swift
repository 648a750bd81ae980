/// Which credentials a service takes.
///
/// Any credential will do unless the emulator was told to look closer, but there must be one, and the Developer API
/// takes no more than one.
struct Credentials: Sendable {
    let configuration: EmulatorConfiguration
    let tokens: AccessTokens

    /// - Throws: a 400, 401 or 403 in the words of the live service.
    func check(_ head: RequestHead, _ backend: Backend) throws(GoogleError) {
        if backend == .developer, head.bearer != nil, head.key != nil {
            throw .invalid("Multiple authentication credentials received. Please pass only one.")
        }
        if let bearer = head.bearer {
            if configuration.checksTokens { try check(bearer, backend) }
            return
        }
        if let key = head.key {
            guard configuration.apiKeys.isEmpty || configuration.apiKeys.contains(key) else {
                throw GoogleError(
                    .invalidArgument, "API key not valid. Please pass a valid API key.",
                    reason: GoogleError.Reason(reason: "API_KEY_INVALID", service: backend.service)
                )
            }
            return
        }
        throw Self.missing(backend)
    }

    private func check(_ bearer: String, _ backend: Backend) throws(GoogleError) {
        let reason: String
        switch tokens.verify(bearer) {
        case .alive: return
        case .expired: reason = "ACCESS_TOKEN_EXPIRED"
        case .foreign: reason = "ACCESS_TOKEN_TYPE_UNSUPPORTED"
        }
        throw GoogleError(
            .unauthenticated, "Request had invalid authentication credentials. " + Self.expected,
            reason: GoogleError.Reason(reason: reason, service: backend.service)
        )
    }

    private static let expected =
        "Expected OAuth 2 access token, login cookie or other valid authentication credential. See "
        + "https://developers.google.com/identity/sign-in/web/devconsole-project."

    private static func missing(_ backend: Backend) -> GoogleError {
        switch backend {
        case .vertex:
            GoogleError(
                .unauthenticated, "Request is missing required authentication credential. " + expected,
                reason: GoogleError.Reason(reason: "CREDENTIALS_MISSING", service: backend.service)
            )
        case .developer:
            GoogleError(
                .permissionDenied,
                "Method doesn't allow unregistered callers (callers without established identity). Please use API "
                    + "Key or other form of API consumer identity to call this API."
            )
        }
    }
}
