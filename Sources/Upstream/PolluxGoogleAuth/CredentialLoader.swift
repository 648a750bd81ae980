public import Logging
public import PolluxSecret

/// Credentials that have been found.
public struct LoadedCredential: Sendable {
    public enum Kind: Sendable {
        /// Tokens, for one ``TokenCache``.
        case tokens(any TokenProvider)
        /// A key, for `x-goog-api-key`.
        case apiKey(Secret)
    }

    public let kind: Kind
    public let description: CredentialDescription
    /// The default project: from the environment, the file or the metadata server, in this order.
    public let projectID: String?
    /// Replaces `googleapis.com` in the upstream's default host names.
    public let universeDomain: String
}

/// Finds credentials (CRED-001).
///
///     1  GOOGLE_APPLICATION_CREDENTIALS           a file; when it cannot be used, the search ends here
///     2  gcloud's application_default_credentials.json     in CLOUDSDK_CONFIG or ~/.config/gcloud
///     3  the metadata server                      unless NO_GCE_CHECK=true
///
/// - Limits: files as in ``SmallFile``; looking for the metadata server as in ``MetadataServer``.
/// - Source: Google, "How Application Default Credentials works".
public enum CredentialLoader {
    /// Loads credentials; reads files and may look for a metadata server, but fetches no token.
    ///
    /// - Parameters:
    ///   - account: the service account to act as, whatever is found (CRED-004).
    ///   - impersonationBaseURL: replaces scheme and host of `https://iamcredentials.googleapis.com`.
    public static func load(
        _ source: CredentialSource, impersonating account: String? = nil, http: CredentialHTTP,
        environment: CredentialEnvironment = .process, time: CredentialTime = .system, logger: Logger,
        impersonationBaseURL: String? = nil
    ) async throws(CredentialError) -> LoadedCredential {
        let context = CredentialContext(
            http: http, environment: environment, time: time, logger: logger,
            impersonationBase: impersonationBaseURL)
        switch source {
        case .apiKey(let key):
            guard account == nil else { throw .invalid("An API key cannot impersonate a service account.") }
            guard !key.isEmpty else { throw .invalid("The API key is empty.") }
            return LoadedCredential(
                kind: .apiKey(key), description: CredentialDescription(identity: "API key"),
                projectID: environment.projectID, universeDomain: GoogleNames.defaultUniverse)
        case .file(let path):
            return try loaded(file: path, origin: nil, account: account, context: context)
        case .metadata:
            return try await metadata(MetadataServer(context: context), account: account, context: context)
        case .applicationDefault:
            return try await applicationDefault(account: account, context: context)
        }
    }

    private static func applicationDefault(
        account: String?, context: CredentialContext
    ) async throws(CredentialError) -> LoadedCredential {
        if let path = context.environment["GOOGLE_APPLICATION_CREDENTIALS"] {
            return try loaded(
                file: path, origin: "GOOGLE_APPLICATION_CREDENTIALS", account: account, context: context)
        }
        if let path = context.environment.wellKnownFile, SmallFile.stamp(path) != nil {
            return try loaded(file: path, origin: "gcloud's default", account: account, context: context)
        }
        if context.environment["NO_GCE_CHECK"]?.lowercased() != "true" {
            let server = MetadataServer(context: context)
            if await server.isPresent() {
                return try await metadata(server, account: account, context: context)
            }
        }
        throw CredentialError(
            .notFound,
            "Could not find default credentials. Set GOOGLE_APPLICATION_CREDENTIALS or configure "
                + "backend.credentials.", isPermanent: true)
    }

    private static func loaded(
        file path: String, origin: String?, account: String?, context: CredentialContext
    ) throws(CredentialError) -> LoadedCredential {
        do {
            let provider = try FileProvider(path: path, context: context)
            return try finished(provider, place: path, origin: origin, account: account, context: context)
        } catch {
            throw origin.map { error.within($0) } ?? error
        }
    }

    private static func metadata(
        _ server: MetadataServer, account: String?, context: CredentialContext
    ) async throws(CredentialError) -> LoadedCredential {
        let projectID = context.environment.projectID == nil ? await server.projectID() : nil
        let provider = MetadataProvider(server: server, projectID: projectID, context: context)
        return try finished(
            provider, place: "metadata server \(server.host)", origin: nil, account: account, context: context
        )
    }

    private static func finished(
        _ found: any TokenProvider, place: String, origin: String?, account: String?,
        context: CredentialContext
    ) throws(CredentialError) -> LoadedCredential {
        var provider = found
        if let account {
            let url = GoogleNames.impersonationURL(
                email: try ImpersonatingProvider.checkedEmail(account), universe: found.universeDomain,
                base: context.impersonationBase)
            provider = try ImpersonatingProvider(source: found, url: url, context: context)
        }
        if let payer = context.environment.quotaProject { provider = PayingProvider(provider, payer: payer) }
        return LoadedCredential(
            kind: .tokens(provider),
            description: CredentialDescription(
                identity: found.identity, place: place, origin: origin, impersonating: account),
            projectID: context.environment.projectID ?? found.projectID, universeDomain: found.universeDomain)
    }
}

/// Names another project that pays: `GOOGLE_CLOUD_QUOTA_PROJECT` wins over the file (CRED-003).
private struct PayingProvider: TokenProvider {
    private let source: any TokenProvider
    private let payer: String

    init(_ source: any TokenProvider, payer: String) {
        self.source = source
        self.payer = payer
    }

    var identity: String { source.identity }
    var projectID: String? { source.projectID }
    var universeDomain: String { source.universeDomain }
    func hasChanged() -> Bool { source.hasChanged() }

    func fetchToken() async throws(CredentialError) -> AccessToken {
        var token = try await source.fetchToken()
        token.quotaProject = payer
        return token
    }
}
