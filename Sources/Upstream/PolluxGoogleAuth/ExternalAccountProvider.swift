import PolluxJSON
import PolluxSecret

/// `external_account`: workload and workforce identity federation. A token of another identity provider is
/// exchanged for one of Google's (CRED-006).
///
///     1  subject token    from a file, a URL, a program, or signed for AWS   SubjectTokenSource
///     2  POST token_url   the exchange, here
///     3  impersonation    when the file names a service account              ImpersonatingProvider
///
/// - Source: Google, AIP-4117 and "Security Token Service API"; RFC 8693.
struct ExternalAccountProvider: TokenProvider {
    let universeDomain: String
    let projectID: String?
    private let audience: String
    private let subjectTokenType: String
    private let tokenURL: String
    private let source: any SubjectTokenSource
    private let client: (id: String, secret: Secret)?
    private let userProject: String?
    private let quotaProject: String?
    private let context: CredentialContext

    var identity: String { "external account \(audience) (subject token: \(source.name))" }

    /// The provider for a file of this type, with the impersonation that the file asks for.
    static func make(
        reading json: borrowing JSONDocument, at node: JSONNode, context: CredentialContext
    ) throws(CredentialError) -> any TokenProvider {
        let exchange = try Self(reading: json, at: node, context: context)
        guard let url = json.textMember("service_account_impersonation_url", of: node) else {
            return exchange
        }
        var lifetime = ImpersonatingProvider.defaultLifetimeSeconds
        if let options = json.value("service_account_impersonation", of: node) {
            lifetime = json.wholeNumberMember("token_lifetime_seconds", of: options) ?? lifetime
        }
        return try ImpersonatingProvider(
            source: exchange, url: url, lifetimeSeconds: lifetime,
            quotaProject: json.textMember("quota_project_id", of: node), context: context)
    }

    private init(
        reading json: borrowing JSONDocument, at node: JSONNode, context: CredentialContext
    ) throws(CredentialError) {
        self.context = context
        audience = try json.requiredText("audience", of: node)
        subjectTokenType = try json.requiredText("subject_token_type", of: node)
        universeDomain = try json.universeDomain(of: node)
        projectID = json.textMember("project_id", of: node)
        quotaProject = json.textMember("quota_project_id", of: node)
        let url = json.textMember("token_url", of: node) ?? GoogleNames.exchangeURL(universe: universeDomain)
        tokenURL = try context.checkedURL(url, of: "token_url")
        if let id = json.textMember("client_id", of: node) {
            client = (id, json.secretMember("client_secret", of: node) ?? Secret(""))
        } else {
            client = nil
        }
        userProject = json.textMember("workforce_pool_user_project", of: node)
        guard userProject == nil || audience.contains("/workforcePools/") else {
            throw .invalid("`workforce_pool_user_project` needs the audience of a workforce pool.")
        }
        source = try makeSubjectTokenSource(
            reading: json, at: node, audience: audience, tokenType: subjectTokenType, context: context)
    }

    func fetchToken() async throws(CredentialError) -> AccessToken {
        let subjectToken = try await source.subjectToken()
        let now = context.time.nowMilliseconds()
        var form = Form()
        form.add("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange")
        form.add("audience", audience)
        form.add("scope", GoogleNames.scope)
        form.add("requested_token_type", "urn:ietf:params:oauth:token-type:access_token")
        form.add("subject_token_type", subjectTokenType)
        form.add("subject_token", subjectToken)
        // A client of one's own brings its project along; Google refuses both together.
        if let userProject, client == nil { form.add("options", Self.options(userProject: userProject)) }
        let answer = try await context.http.post(tokenURL, form: form, basic: client)
        let secrets = [subjectToken] + (client.map { [$0.secret] } ?? [])
        return try TokenAnswer(reading: answer, hiding: secrets)
            .accessToken(requestedAt: now, quotaProject: quotaProject)
    }

    private static func options(userProject: String) -> String {
        var options = JSONWriter()
        options.beginObject()
        options.key("userProject")
        options.string(text: userProject)
        options.endObject()
        return String(copying: options.output.span)
    }
}
