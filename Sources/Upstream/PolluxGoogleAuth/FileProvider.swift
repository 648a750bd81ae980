import Logging
import PolluxJSON
import Synchronization

/// Credentials in a JSON file, read again when the file has been replaced.
///
/// Each fetch looks at the file's date. A new file that cannot be used changes nothing: the credentials
/// read before go on, and the log says why.
final class FileProvider: TokenProvider {
    private struct State {
        var provider: any TokenProvider
        /// The state of the file that was looked at last, good or not.
        var stamp: SmallFile.Stamp
    }

    let path: String
    private let context: CredentialContext
    private let state: Mutex<State>

    init(path: String, context: CredentialContext) throws(CredentialError) {
        let (provider, stamp) = try Self.load(path, context: context)
        self.path = path
        self.context = context
        state = Mutex(State(provider: provider, stamp: stamp))
    }

    private var current: any TokenProvider { state.withLock { $0.provider } }

    var identity: String { current.identity }
    var projectID: String? { current.projectID }
    var universeDomain: String { current.universeDomain }

    func hasChanged() -> Bool {
        let (provider, seen) = state.withLock { ($0.provider, $0.stamp) }
        if let stamp = SmallFile.stamp(path), stamp != seen { return true }
        return provider.hasChanged()
    }

    func fetchToken() async throws(CredentialError) -> AccessToken {
        reloadIfReplaced()
        return try await current.fetchToken()
    }

    private func reloadIfReplaced() {
        let seen = state.withLock { $0.stamp }
        guard let stamp = SmallFile.stamp(path), stamp != seen else { return }
        do {
            let (provider, stamp) = try Self.load(path, context: context)
            state.withLock { $0 = State(provider: provider, stamp: stamp) }
            context.logger.info("The credential file has been replaced", metadata: ["path": "\(path)"])
        } catch {
            state.withLock { $0.stamp = stamp }
            context.logger.warning(
                "The new credential file cannot be used, the old credentials stay",
                metadata: ["error": "\(error.message)"])
        }
    }

    private static func load(
        _ path: String, context: CredentialContext
    ) throws(CredentialError) -> (any TokenProvider, SmallFile.Stamp) {
        let (bytes, stamp) = try SmallFile.read(path)
        do {
            let provider = try readCredentialJSON(bytes, of: "The file") {
                (json: borrowing JSONDocument) throws(CredentialError) in
                try makeProvider(reading: json, at: .root, context: context)
            }
            return (provider, stamp)
        } catch {
            throw error.within(path)
        }
    }
}

/// Accounts that stand behind each other in one file: an impersonated account's source may be impersonated.
private let maximumSources = 4

/// The credentials that a JSON object describes, by its `type` (CRED-001).
func makeProvider(
    reading json: borrowing JSONDocument, at node: JSONNode, context: CredentialContext, depth: Int = 1
) throws(CredentialError) -> any TokenProvider {
    switch try json.requiredText("type", of: node) {
    case "service_account":
        return try ServiceAccountProvider(reading: json, at: node, context: context)
    case "authorized_user":
        return try RefreshTokenProvider(.authorizedUser, reading: json, at: node, context: context)
    case "external_account":
        return try ExternalAccountProvider.make(reading: json, at: node, context: context)
    case "external_account_authorized_user":
        return try RefreshTokenProvider(.externalAccount, reading: json, at: node, context: context)
    case "impersonated_service_account":
        guard depth < maximumSources else { throw .invalid("`source_credentials` are nested too deep.") }
        guard let inner = json.value("source_credentials", of: node) else {
            throw .invalid("`source_credentials` is missing.")
        }
        let source = try makeProvider(reading: json, at: inner, context: context, depth: depth + 1)
        var delegates: [String] = []
        if let list = json.value("delegates", of: node) {
            var elements = json.elements(list)
            while let element = elements.next(in: json) { delegates.append(json.string(element)) }
        }
        return try ImpersonatingProvider(
            source: source, url: try json.requiredText("service_account_impersonation_url", of: node),
            delegates: delegates, quotaProject: json.textMember("quota_project_id", of: node),
            context: context)
    case let other:
        throw .unsupported("Credentials of type \"\(PublicText.clean(other))\" are not supported.")
    }
}
