import AsyncHTTPClient
import Logging
import PolluxConfiguration
import PolluxGateway
import PolluxGoogleAuth
import PolluxTranslation

/// Makes the gateway of a configuration: finds credentials, builds backends.
struct GatewayBuilder {
    let configuration: Configuration
    let logger: Logger
    private let client: HTTPClient

    init(configuration: Configuration, logger: Logger) {
        self.configuration = configuration
        self.logger = logger
        client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: CredentialHTTP.clientConfiguration)
    }

    /// - Throws: an error that names the backend whose credentials cannot be used.
    func build() async throws -> Gateway {
        guard !configuration.backends.isEmpty else { throw Failure("The configuration names no backend.") }
        var backends: [Backend] = []
        for backend in configuration.backends {
            do {
                backends.append(try await build(backend))
            } catch let error as CredentialError {
                throw Failure("backend '\(backend.name)': \(error)")
            }
        }
        return Gateway(configuration, backends: backends, profiles: try ModelProfiles(configuration.models.profiles))
    }

    private func build(_ backend: Configuration.Backend) async throws -> Backend {
        var credential = Backend.Credential.passthrough
        var project: String?
        let environment = CredentialEnvironment.process
        if backend.kind == .openAI {
            let own: Backend.Credential = configuration.auth.mode == .passthrough ? .passthrough : .none
            credential = backend.apiKey.map { .apiKey($0) } ?? own
        }
        if configuration.auth.mode != .passthrough, let configured = backend.credentials {
            let loaded = try await CredentialLoader.load(
                configured.source.credentialSource, impersonating: configured.impersonate,
                http: CredentialHTTP(client: client), environment: environment, logger: logger
            )
            logger.info("backend '\(backend.name)': \(loaded.description)")
            project = loaded.projectID
            switch loaded.kind {
            case .apiKey(let key): credential = .apiKey(key)
            case .tokens(let provider):
                let cache = TokenCache(provider: provider, logger: logger)
                credential = .token(cache)
                // A task of its own: the first request should find a token. A failure shows in that request.
                Task { _ = try? await cache.token() }
            }
        }
        return Backend(
            backend, base: backend.kind.isVertex || backend.kind == .geminiAPI ? configuration.upstream.baseURL : nil,
            project: project ?? environment.projectID, location: environment.location, credential: credential,
            settings: TranslationSettings(configuration, backend: backend)
        )
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
