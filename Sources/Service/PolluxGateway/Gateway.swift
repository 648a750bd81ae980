public import PolluxConfiguration
public import PolluxTranslation

/// What all requests share: the configuration and what was made of it. It never changes; a new
/// configuration makes a new one.
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
    /// Requests per minute of each key.
    public let rates = RequestRates()
    let defaultBackend: Backend

    /// - Precondition: there is at least one backend; the configuration's check says so before.
    public init(
        _ configuration: Configuration, backends: [Backend], profiles: ModelProfiles = .defaults,
        vault: SignatureVault? = nil, audio: AudioCache? = nil
    ) {
        precondition(!backends.isEmpty)
        self.configuration = configuration
        self.backends = backends
        self.profiles = profiles
        let cache = configuration.signatureCache
        self.vault =
            cache.enabled
            ? vault ?? SignatureVault(maximumBytes: cache.maxBytes, timeToLive: Int(cache.ttl.components.seconds)) : nil
        self.audio = audio ?? AudioCache(timeToLive: Int(configuration.audio.cacheTTL.components.seconds))
        lists = ModelListCache(timeToLive: Int(configuration.models.cacheTTL.components.seconds))
        authentication = ClientAuthentication(configuration.auth)
        defaultBackend = backends.first { $0.name == configuration.routing.defaultBackend } ?? backends[0]
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
