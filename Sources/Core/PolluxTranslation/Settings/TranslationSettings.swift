/// What an operator decides about the translation; the same for every request of a backend.
public struct TranslationSettings: Sendable {
    public enum SchemaMode: String, Sendable { case json, openapi }
    public enum TrailingAssistant: String, Sendable { case `continue`, error }
    public enum UsageMode: String, Sendable { case openai, google }
    public enum ThoughtDelivery: String, Sendable {
        case content
        case reasoningContent = "reasoning_content"
    }
    public enum MediaMode: String, Sendable { case forward, fetch }

    /// SCH-001, SCH-002
    public var schemaMode = SchemaMode.json
    /// MSG-022
    public var trailingAssistant = TrailingAssistant.continue
    /// USE-002
    public var usageMode = UsageMode.openai
    /// THINK-033
    public var thoughtDelivery = ThoughtDelivery.content
    /// § 1.1 of the thinking rules: answer a 400 where thinking cannot be disabled.
    public var isStrictAboutNone = false
    /// THINK-014: a `thinking_config` with only `include_thoughts` may stand beside `reasoning_effort`.
    public var mergesThinkingConfig = false
    /// REQ-025
    public var sendsMetadataAsLabels = false
    /// TIER-002, TIER-003
    public var isServiceTierExclusive = false
    /// TOOL-005
    public var validatesStrictTools = false
    /// MM-003
    public var mediaMode = MediaMode.forward
    /// IMG-006
    public var suppressesAudioField = false
    /// The history doctor: mend what TOOL-031 and TOOL-032 otherwise refuse.
    public var repairsHistory = false

    public init() {}
}

/// Where a request goes: what the translation must know of the backend, the model and the route.
public struct TranslationTarget: Sendable {
    public enum Service: Sendable { case vertex, developer }

    public var service: Service
    public var profile: ModelProfile
    /// Bare id, `gemini-2.5-flash`.
    public var model: String
    public var project: String
    public var location: String
    /// The AI Studio route tags thoughts with `<thought>` unasked (THINK-032).
    public var tagsThoughtsByDefault: Bool
    /// The backend takes the placeholder signature only as bare text (SIG-013).
    public var sendsLiteralPlaceholder = false
    public var settings: TranslationSettings

    public init(
        service: Service, profile: ModelProfile, model: String, project: String = "", location: String = "",
        tagsThoughtsByDefault: Bool = false, settings: TranslationSettings = TranslationSettings()
    ) {
        self.service = service
        self.profile = profile
        self.model = model
        self.project = project
        self.location = location
        self.tagsThoughtsByDefault = tagsThoughtsByDefault
        self.settings = settings
    }
}
