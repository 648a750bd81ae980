/// What a request says before its body, as far as the emulator looks at it.
struct RequestHead: Sendable {
    var method: String
    var target: RequestTarget
    /// An `Authorization: Bearer` header that is not empty.
    var hasBearer = false
    /// An `x-goog-api-key` header or `key` parameter that is not empty.
    var hasKey = false

    init(method: String, uri: String, authorization: String? = nil, key: String? = nil) {
        self.method = method
        target = RequestTarget(uri)
        if let authorization {
            let scheme = "bearer "
            hasBearer = authorization.lowercased().hasPrefix(scheme) && authorization.count > scheme.count
        }
        hasKey = !(key ?? "").isEmpty || !(target.parameter("key") ?? "").isEmpty
    }

    /// Any credential will do, but there must be one, and the Developer API takes no more than one.
    ///
    /// - Source: AUTH-008 for both at once.
    func checkCredentials(_ backend: Backend) throws(GoogleError) {
        if hasBearer, hasKey, backend == .developer {
            throw .invalid("Multiple authentication credentials received. Please pass only one.")
        }
        guard !hasBearer, !hasKey else { return }
        switch backend {
        case .vertex:
            throw GoogleError(
                .unauthenticated,
                "Request is missing required authentication credential. Expected OAuth 2 access token, "
                    + "login cookie or "
                    + "other valid authentication credential. See "
                    + "https://developers.google.com/identity/sign-in/web/devconsole-project.",
                reason: GoogleError.Reason(reason: "CREDENTIALS_MISSING", service: backend.service)
            )
        case .developer:
            throw GoogleError(
                .permissionDenied,
                "Method doesn't allow unregistered callers (callers without established identity). Please "
                    + "use API Key "
                    + "or other form of API consumer identity to call this API."
            )
        }
    }
}
