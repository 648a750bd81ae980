/// A call of one of Google's services that give tokens.
enum TokenCall: Sendable, Equatable {
    /// `oauth2.googleapis.com`: a signed claim or a refresh token for an access token.
    case oauth
    /// `sts.googleapis.com`: somebody else's token for one of Google's.
    case exchange
    /// `iamcredentials.googleapis.com`: a token of a service account for who may act as it.
    case impersonate(email: String)
    /// The metadata server of a virtual machine.
    case metadata([String])

    init?(method: String, segments: [String]) {
        switch method {
        case "POST":
            if segments == ["token"] || segments == ["oauth2", "v4", "token"] {
                self = .oauth
            } else if segments == ["sts", "v1", "token"] || segments == ["v1", "token"] {
                self = .exchange
            } else if segments.count == 5, segments[..<4] == ["v1", "projects", "-", "serviceAccounts"],
                segments[4].hasSuffix(Self.impersonation)
            {
                self = .impersonate(email: String(segments[4].dropLast(Self.impersonation.count)))
            } else {
                return nil
            }
        case "GET":
            guard segments.isEmpty || segments.starts(with: ["computeMetadata", "v1"]) else { return nil }
            self = .metadata(Array(segments.dropFirst(2)))
        default:
            return nil
        }
    }

    private static let impersonation = ":generateAccessToken"
}
