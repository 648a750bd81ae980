public import PolluxConfiguration
public import PolluxGoogleAuth
public import PolluxSecret
public import PolluxTranslation
internal import PolluxTransport
public import Synchronization

/// One configured upstream, ready for use.
public final class Backend: Sendable {
    /// How requests to it are paid for.
    public enum Credential: Sendable {
        /// The client's own goes along (AUTH-001).
        case passthrough
        /// There is none, and none is sent (09 § 2).
        case none
        case token(TokenCache)
        case apiKey(Secret)
    }

    public let name: String
    public let kind: Configuration.Backend.Kind
    public let service: TranslationTarget.Service
    public let credential: Credential
    let configuration: Configuration.Backend
    /// Replaces scheme, host and port of Google's own address (HOST-006).
    let baseAddress: UpstreamAddress?
    /// The project for routes that name none.
    let project: String?
    let location: String
    let settings: TranslationSettings
    /// Replaces `googleapis.com` in Google's host names (CRED-001).
    let universe: String
    public let health: BackendHealth
    /// The same backend in its further locations, in their order.
    let elsewhere: [Backend]
    /// The upstream wants its placeholder signature unencoded: learned from its answers (SIG-013).
    public let wantsLiteralPlaceholder = Atomic<Bool>(false)

    public init(
        _ backend: Configuration.Backend, base: BaseURL?, project: String?, location: String, credential: Credential,
        settings: TranslationSettings, universe: String = Backend.googleAPIs, health: BackendHealth = BackendHealth()
    ) {
        configuration = backend
        name = backend.name
        kind = backend.kind
        service = backend.kind == .geminiAPI ? .developer : .vertex
        baseAddress = (backend.locations.first?.baseURL ?? backend.baseURL ?? base).map {
            UpstreamAddress(isSecure: $0.scheme == .https, host: $0.host, port: $0.port)
        }
        self.project = backend.project ?? project
        self.location = backend.location ?? location
        self.credential = credential
        self.settings = settings
        self.universe = universe
        self.health = health
        elsewhere = backend.locations.dropFirst().map { place in
            Backend(
                backend.only(in: place), base: base, project: project, location: location, credential: credential,
                settings: settings, universe: universe, health: health
            )
        }
    }

    /// Takes over what the backend in whose place it comes has learned, when both are the same upstream.
    func learn(from predecessor: Backend) {
        guard predecessor.configuration == configuration else { return }
        wantsLiteralPlaceholder.store(
            predecessor.wantsLiteralPlaceholder.load(ordering: .relaxed), ordering: .relaxed)
        health.adopt(predecessor.health)
        for (there, before) in zip(elsewhere, predecessor.elsewhere) { there.learn(from: before) }
    }

    /// The backend in each of its locations: in most cases this one alone.
    var places: [Backend] { [self] + elsewhere }

    /// The domain of Google's APIs, unless the credentials name another.
    public static let googleAPIs = "googleapis.com"

    /// Google's host for a location (HOST-001…005).
    func address(location: String) -> UpstreamAddress {
        if let baseAddress { return baseAddress }
        if kind.needsEndpointID, let host = configuration.endpoint.dedicatedDNS {
            return UpstreamAddress(isSecure: true, host: host)
        }
        if service == .developer { return UpstreamAddress(isSecure: true, host: "generativelanguage.\(universe)") }
        let host =
            switch location {
            case "", "global": "aiplatform.\(universe)"
            case "us", "eu": "aiplatform.\(location).rep.\(universe)"
            default: "\(location)-aiplatform.\(universe)"
            }
        return UpstreamAddress(isSecure: true, host: host)
    }
}

extension Configuration.Backend {
    /// The same backend, in one of its locations only.
    fileprivate func only(in place: Configuration.Share) -> Self {
        var there = self
        there.location = place.name
        there.locations = []
        there.baseURL = place.baseURL ?? baseURL
        return there
    }
}
