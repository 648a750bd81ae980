import AsyncHTTPClient
import Logging
import PolluxConfiguration
import PolluxGateway
import PolluxGoogleAuth
import PolluxTranslation

/// Makes the gateway of a configuration: finds credentials, builds backends. It lives as long as the process, so that
/// a credential that stays in the configuration keeps its tokens.
actor GatewayBuilder {
    /// A credential that was found, and the project that came with it.
    private struct Found {
        var credential: Backend.Credential
        var project: String?
    }

    private let logger: Logger
    private let client: HTTPClient
    /// Those of the last gateway, by how they are configured.
    private var credentials: [Configuration.Backend.Credentials: Found] = [:]

    init(logger: Logger) {
        self.logger = logger
        client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: CredentialHTTP.clientConfiguration)
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
        let environment = CredentialEnvironment.process
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
        return Backend(
            backend, base: backend.kind.isVertex || backend.kind == .geminiAPI ? configuration.upstream.baseURL : nil,
            project: found.project ?? environment.projectID, location: environment.location,
            credential: found.credential, settings: TranslationSettings(configuration, backend: backend)
        )
    }

    private func find(_ configured: Configuration.Backend.Credentials, for backend: String) async throws -> Found {
        let loaded = try await CredentialLoader.load(
            configured.source.credentialSource, impersonating: configured.impersonate,
            http: CredentialHTTP(client: client), environment: .process, logger: logger
        )
        logger.info("backend '\(backend)': \(loaded.description)")
        switch loaded.kind {
        case .apiKey(let key): return Found(credential: .apiKey(key), project: loaded.projectID)
        case .tokens(let provider):
            let cache = TokenCache(provider: provider, logger: logger)
            // A task of its own: the first request should find a token. A failure shows in that request.
            Task { _ = try? await cache.token() }
            return Found(credential: .token(cache), project: loaded.projectID)
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
