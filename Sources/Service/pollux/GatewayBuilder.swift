import AsyncHTTPClient
import Logging
import PolluxConfiguration
import PolluxGateway
import PolluxGoogleAuth
import PolluxHTTPClient
import PolluxTranslation
import PolluxTransport

/// Makes the gateway of a configuration: finds credentials, builds backends. It lives as long as the process, so that
/// a credential that stays in the configuration keeps its tokens.
actor GatewayBuilder {
    /// A credential that was found, and what came with it.
    struct Found {
        var credential: Backend.Credential
        /// The project for routes that name none.
        var project: String?
        /// The domain of Google's hosts.
        var universe = Backend.googleAPIs
    }

    let tls: UpstreamTLS
    private let logger: Logger
    private let client: HTTPClient
    /// Those of the last gateway, by how they are configured.
    private var credentials: [Configuration.Backend.Credentials: Found] = [:]

    init(tls: UpstreamTLS, logger: Logger) {
        self.tls = tls
        self.logger = logger
        var settings = CredentialHTTP.clientConfiguration
        settings.tlsConfiguration = tls.configuration
        client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: settings)
    }

    /// - Throws: an error about the file of certificate authorities.
    static func tls(of configuration: Configuration) throws -> UpstreamTLS {
        if let path = configuration.upstream.caFile, let reason = SystemReason.unreadable(path) {
            throw Failure("upstream.ca_file: \(path) cannot be read: \(reason)")
        }
        do {
            return try UpstreamTLS(authorities: configuration.upstream.caFile)
        } catch let error as UpstreamTLS.Failure {
            throw Failure("upstream.ca_file: \(error)")
        }
    }

    /// - Parameter predecessor: the gateway in whose place this one comes.
    /// - Throws: an error that names the backend whose credentials cannot be used. Then nothing has changed.
    func build(_ configuration: Configuration, succeeding predecessor: Gateway? = nil) async throws -> Gateway {
        guard !configuration.backends.isEmpty else { throw Failure("The configuration names no backend.") }
        var used: [Configuration.Backend.Credentials: Found] = [:]
        var backends: [Backend] = []
        for backend in configuration.backends {
            do {
                backends.append(try await build(backend, configuration, &used))
            } catch let error as CredentialError {
                throw Failure("backend '\(backend.name)': \(error)")
            }
        }
        let gateway = Gateway(
            configuration, backends: backends, profiles: try ModelProfiles(configuration.models.profiles),
            succeeding: predecessor
        )
        credentials = used
        return gateway
    }

    private func build(
        _ backend: Configuration.Backend, _ configuration: Configuration,
        _ used: inout [Configuration.Backend.Credentials: Found]
    ) async throws -> Backend {
        var found = Found(credential: .passthrough)
        if backend.kind == .openAI {
            let own: Backend.Credential = configuration.auth.mode == .passthrough ? .passthrough : .none
            found.credential = backend.apiKey.map { .apiKey($0) } ?? own
        }
        if configuration.auth.mode != .passthrough, let configured = backend.credentials {
            if let known = used[configured] ?? credentials[configured] {
                found = known
            } else {
                found = try await find(configured, for: backend.name)
            }
            used[configured] = found
        }
        return make(backend, of: configuration, with: found)
    }

    /// Backends of kind `openai` have addresses of their own: ``Configuration/Upstream/baseURL`` is Google's.
    nonisolated func make(
        _ backend: Configuration.Backend, of configuration: Configuration, with found: Found
    ) -> Backend {
        let environment = CredentialEnvironment.process
        return Backend(
            backend, base: backend.kind.isVertex || backend.kind == .geminiAPI ? configuration.upstream.baseURL : nil,
            project: found.project ?? environment.projectID, location: environment.location,
            credential: found.credential, settings: TranslationSettings(configuration, backend: backend),
            universe: found.universe, health: health(of: backend)
        )
    }

    private func find(_ configured: Configuration.Backend.Credentials, for backend: String) async throws -> Found {
        let loaded = try await load(configured)
        logger.info("backend '\(backend)': \(loaded.description)")
        var found = Found(credential: .none, project: loaded.projectID, universe: loaded.universeDomain)
        switch loaded.kind {
        case .apiKey(let key): found.credential = .apiKey(key)
        case .tokens(let provider):
            let cache = TokenCache(provider: provider, logger: logger)
            // A task of its own: the first request should find a token. A failure shows in that request.
            Task { _ = try? await cache.token() }
            found.credential = .token(cache)
        }
        return found
    }

    /// Finds credentials, and fetches no token.
    nonisolated func load(
        _ configured: Configuration.Backend.Credentials
    ) async throws(CredentialError) -> LoadedCredential {
        try await CredentialLoader.load(
            configured.source.credentialSource, impersonating: configured.impersonate,
            http: CredentialHTTP(client: client), environment: .process, logger: logger
        )
    }

    /// Tells the log when a backend cannot be connected to any more, and when it can again (09 § 7).
    private nonisolated func health(of backend: Configuration.Backend) -> BackendHealth {
        let (name, logger) = (backend.name, logger)
        return BackendHealth { isHealthy in
            // A task of its own: the event loop that noticed it does not wait for the log.
            Task {
                if isHealthy {
                    logger.notice("backend '\(name)' answers again")
                } else {
                    logger.warning("backend '\(name)' is unhealthy: no connection to it came about")
                }
            }
        }
    }

    func shutdown() async {
        // Nothing can be done about a client that does not close; the process ends.
        try? await client.shutdown()
    }
}

extension Configuration.Backend.Credentials.Source {
    var credentialSource: CredentialSource {
        switch self {
        case .applicationDefault: .applicationDefault
        case .file(let path): .file(path: path)
        case .metadata: .metadata
        case .apiKey(let key): .apiKey(key)
        }
    }
}
