import PolluxJSON
import PolluxSecret
import Synchronization

/// `authorized_user` and `external_account_authorized_user`: a person's consent, kept as a refresh token
/// (CRED-003, CRED-006).
///
///     authorized_user                    POST token_uri   client id and secret in the form
///     external_account_authorized_user   POST token_url   client id and secret as HTTP Basic
final class RefreshTokenProvider: TokenProvider {
    enum Kind {
        case authorizedUser
        case externalAccount
    }

    let universeDomain: String
    private let kind: Kind
    private let clientID: String
    private let clientSecret: Secret
    private let tokenURL: String
    private let quotaProject: String?
    private let account: String?
    private let context: CredentialContext
    /// The endpoint may replace the refresh token at each use, and refuse the old one from then on.
    private let refreshToken: Mutex<Secret>

    var identity: String {
        let name = kind == .authorizedUser ? "authorized user" : "external authorized user"
        return account.map { "\(name) \($0)" } ?? name
    }

    init(
        _ kind: Kind, reading json: borrowing JSONDocument, at node: JSONNode, context: CredentialContext
    ) throws(CredentialError) {
        self.kind = kind
        self.context = context
        clientID = try json.requiredText("client_id", of: node)
        clientSecret = try json.requiredSecret("client_secret", of: node)
        refreshToken = Mutex(try json.requiredSecret("refresh_token", of: node))
        quotaProject = json.textMember("quota_project_id", of: node)
        account = json.textMember("account", of: node)
        universeDomain = try json.universeDomain(of: node)
        switch kind {
        case .authorizedUser:
            let url = json.textMember("token_uri", of: node) ?? GoogleNames.tokenURL(universe: universeDomain)
            tokenURL = try context.checkedURL(url, of: "token_uri")
        case .externalAccount:
            let url =
                json.textMember("token_url", of: node) ?? "https://sts.\(universeDomain)/v1/oauthtoken"
            tokenURL = try context.checkedURL(url, of: "token_url")
        }
    }

    func fetchToken() async throws(CredentialError) -> AccessToken {
        let now = context.time.nowMilliseconds()
        let current = refreshToken.withLock { $0 }
        var form = Form()
        form.add("grant_type", "refresh_token")
        form.add("refresh_token", current)
        let answer: HTTPAnswer
        switch kind {
        case .authorizedUser:
            form.add("client_id", clientID)
            form.add("client_secret", clientSecret)
            answer = try await context.http.post(tokenURL, form: form)
        case .externalAccount:
            answer = try await context.http.post(tokenURL, form: form, basic: (clientID, clientSecret))
        }
        let token = try TokenAnswer(reading: answer, hiding: [current, clientSecret])
        if let replacement = token.refreshToken { refreshToken.withLock { $0 = replacement } }
        return token.accessToken(requestedAt: now, quotaProject: quotaProject)
    }
}
