import NIOHTTP1
import PolluxJSON
import PolluxSecret

/// Acts as a service account, by right of other credentials (CRED-004).
///
///     POST …/serviceAccounts/x@y:generateAccessToken
///     {"delegates": […], "scope": ["…/cloud-platform"], "lifetime": "3600s"}
///     → {"accessToken": "…", "expireTime": "2026-11-21T09:00:00Z"}
///
/// - Source: IAM Service Account Credentials API, `projects.serviceAccounts.generateAccessToken`.
struct ImpersonatingProvider: TokenProvider {
    private let source: any TokenProvider
    private let url: String
    private let delegates: [String]
    private let lifetimeSeconds: Int
    private let quotaProject: String?
    private let context: CredentialContext

    static let defaultLifetimeSeconds = 3600
    static let lifetimeRange = 600...43_200
    /// Accounts in a row that act for each other.
    static let maximumDelegates = 16

    /// - Parameters:
    ///   - url: ends in `:generateAccessToken`.
    ///   - delegates: emails or full names of accounts in between.
    init(
        source: any TokenProvider, url: String, delegates: [String] = [],
        lifetimeSeconds: Int = Self.defaultLifetimeSeconds, quotaProject: String? = nil,
        context: CredentialContext
    ) throws(CredentialError) {
        guard delegates.count <= Self.maximumDelegates else {
            throw .invalid("`delegates` has more than \(Self.maximumDelegates) accounts.")
        }
        guard Self.lifetimeRange.contains(lifetimeSeconds) else {
            throw .invalid("`token_lifetime_seconds` is not within 600 and 43200.")
        }
        self.source = source
        self.url = try context.checkedURL(url, of: "service_account_impersonation_url")
        self.delegates = delegates.map {
            $0.hasPrefix("projects/") ? $0 : "projects/-/serviceAccounts/\($0)"
        }
        self.lifetimeSeconds = lifetimeSeconds
        self.quotaProject = quotaProject
        self.context = context
    }

    /// The account that the URL names.
    static func email(in url: String) -> String? {
        guard let name = url.split(separator: "/").last, let end = name.firstIndex(of: ":") else {
            return nil
        }
        return String(name[..<end])
    }

    /// An email as it may stand in a URL's path.
    static func checkedEmail(_ email: String) throws(CredentialError) -> String {
        let parts = email.split(separator: "@", omittingEmptySubsequences: false)
        let isSafe = email.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"),
                UInt8(ascii: "_"), UInt8(ascii: "@"):
                true
            default: false
            }
        }
        guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty, isSafe else {
            throw .invalid("The account to impersonate is not a service account's email.")
        }
        return email
    }

    var identity: String { "service account \(Self.email(in: url) ?? "?") by \(source.identity)" }
    var projectID: String? { source.projectID }
    var universeDomain: String { source.universeDomain }
    func hasChanged() -> Bool { source.hasChanged() }

    func fetchToken() async throws(CredentialError) -> AccessToken {
        let sourceToken = try await source.fetchToken()
        let now = context.time.nowMilliseconds()
        var headers: HTTPHeaders = ["content-type": "application/json", "accept": "application/json"]
        sourceToken.value.withText { headers.add(name: "authorization", value: "Bearer \($0)") }
        if let payer = sourceToken.quotaProject { headers.add(name: "x-goog-user-project", value: payer) }
        let answer = try await context.http.send(.POST, url, headers: headers, body: requestBody)
        let secrets = [sourceToken.value]
        guard answer.status == 200 else {
            throw TokenRefusal(answer, hiding: secrets).error.within(
                "Impersonating \(Self.email(in: url) ?? "")")
        }
        do {
            return try token(in: answer, now: now)
        } catch {
            throw CredentialError(.invalidAnswer, "\(answer.host) answered no usable token: \(error.message)")
        }
    }

    private var requestBody: String {
        var body = JSONWriter()
        body.beginObject()
        body.key("delegates")
        body.beginArray()
        for delegate in delegates { body.string(text: delegate) }
        body.endArray()
        body.key("scope")
        body.beginArray()
        body.string(text: GoogleNames.scope)
        body.endArray()
        body.key("lifetime")
        body.string(text: "\(lifetimeSeconds)s")
        body.endObject()
        return String(copying: body.output.span)
    }

    /// The end is given as a moment of the server's clock, so the life is counted by that clock.
    private func token(in answer: HTTPAnswer, now: Int) throws(CredentialError) -> AccessToken {
        try readCredentialJSON(answer.body, of: "The answer") {
            (json: borrowing JSONDocument) throws(CredentialError) in
            let token = try json.requiredText("accessToken", of: .root)
            let end = try json.requiredText("expireTime", of: .root)
            guard let expiry = CivilTime(rfc3339: end) else { throw .invalid("`expireTime` is not a time.") }
            return try TokenAnswer(
                token: token, seconds: expiry.unixSeconds - (answer.serverSeconds ?? now / 1000)
            )
            .accessToken(requestedAt: now, quotaProject: quotaProject)
        }
    }
}
