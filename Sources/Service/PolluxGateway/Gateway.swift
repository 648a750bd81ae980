public import PolluxConfiguration
public import PolluxLimits
public import PolluxTranslation

/// What all requests share: the configuration and what was made of it. It never changes; a new
/// configuration makes a new one, which takes over from its predecessor what was learned and counted.
public final class Gateway: Sendable {
    public let configuration: Configuration
    public let authentication: ClientAuthentication
    public let backends: [Backend]
    public let profiles: ModelProfiles
    /// Signatures for clients that drop them; `nil` when the operator turned it off.
    public let vault: SignatureVault?
    /// Speech that clients may name by its id.
    public let audio: AudioCache
    /// What upstreams list.
    public let lists: ModelListCache
    /// What models cost.
    public let prices: PriceTable
    /// How long a stream's upstream may be silent, in nanoseconds. Every read of a stream asks.
    public let streamIdleTimeout: Int64
    /// How long a whole answer may take, in nanoseconds. Every request asks.
    public let upstreamTimeout: Int64
    /// After how much silence a stream's client gets a comment, in nanoseconds.
    public let streamKeepalive: Int64
    /// The backend of requests that name no other, or the members of the pool.
    let defaultMembers: [Member]
    var defaultBackend: Backend { defaultMembers[0].backend }

    /// - Precondition: there is at least one backend; the configuration's check says so before.
    /// - Parameter predecessor: the gateway that served until now. Requests that it still serves share with this one
    ///   what it hands over, under the new limits.
    public init(
        _ configuration: Configuration, backends: [Backend], profiles: ModelProfiles = .defaults,
        succeeding predecessor: Gateway? = nil
    ) {
        precondition(!backends.isEmpty)
        self.configuration = configuration
        self.backends = backends
        self.profiles = profiles
        vault = Self.vault(configuration.signatureCache, succeeding: predecessor?.vault)
        audio = Self.audio(configuration.audio, succeeding: predecessor?.audio)
        lists = Self.lists(configuration, succeeding: predecessor)
        prices = configuration.usage.prices
        authentication = ClientAuthentication(configuration.auth)
        streamIdleTimeout = configuration.stream.idleTimeout.nanoseconds
        upstreamTimeout = configuration.upstream.timeout.nanoseconds
        streamKeepalive = configuration.stream.keepalive.nanoseconds
        defaultMembers =
            Self.members(of: configuration.routing.defaultBackend, configuration, backends)
            ?? [Member(backend: backends[0])]
        for backend in backends {
            if let old = predecessor?.backends.first(where: { $0.name == backend.name }) { backend.learn(from: old) }
        }
    }
}

extension Duration {
    /// Whole nanoseconds; of what is too long for that, a year.
    public var nanoseconds: Int64 {
        let parts = components
        let (nanoseconds, overflow) = parts.seconds.multipliedReportingOverflow(by: 1_000_000_000)
        return overflow ? 365 * 86400 * 1_000_000_000 : nanoseconds + parts.attoseconds / 1_000_000_000
    }
}

/// What a gateway takes over from its predecessor.
extension Gateway {
    private static func vault(
        _ settings: Configuration.SignatureCache, succeeding old: SignatureVault?
    ) -> SignatureVault? {
        guard settings.enabled else { return nil }
        let timeToLive = Int(settings.ttl.components.seconds)
        guard let old else { return SignatureVault(maximumBytes: settings.maxBytes, timeToLive: timeToLive) }
        old.limit(maximumBytes: settings.maxBytes, timeToLive: timeToLive)
        return old
    }

    private static func audio(_ settings: Configuration.Audio, succeeding old: AudioCache?) -> AudioCache {
        let timeToLive = Int(settings.cacheTTL.components.seconds)
        guard let old else { return AudioCache(timeToLive: timeToLive) }
        old.limit(timeToLive: timeToLive)
        return old
    }

    /// Lists belong to backends by their names: they are kept while no backend has changed.
    private static func lists(_ configuration: Configuration, succeeding old: Gateway?) -> ModelListCache {
        if let old, old.configuration.backends == configuration.backends,
            old.configuration.upstream.baseURL == configuration.upstream.baseURL,
            old.configuration.models.cacheTTL == configuration.models.cacheTTL
        {
            return old.lists
        }
        return ModelListCache(timeToLive: Int(configuration.models.cacheTTL.components.seconds))
    }
}

extension TranslationSettings {
    /// The settings that the file gives to one backend.
    public init(_ configuration: Configuration, backend: Configuration.Backend) {
        self.init()
        schemaMode = backend.schemaMode == .openAPI ? .openapi : .json
        trailingAssistant = configuration.trailingAssistant == .error ? .error : .continue
        usageMode = configuration.usage.mode == .google ? .google : .openai
        thoughtDelivery = configuration.thoughts.delivery == .reasoningContent ? .reasoningContent : .content
        isStrictAboutNone = configuration.thinking.strictNone
        mergesThinkingConfig = configuration.thinking.mergeConfig
        sendsMetadataAsLabels = configuration.metadataAsLabels
        isServiceTierExclusive = configuration.serviceTierExclusive
        validatesStrictTools = configuration.strictToolsValidated
        mediaMode = configuration.media.http == .fetch ? .fetch : .forward
        suppressesAudioField = configuration.images.suppressAudioField
        repairsHistory = configuration.history.repair
    }
}
