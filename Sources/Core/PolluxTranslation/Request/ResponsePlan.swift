/// What the answer's translation must know of its request.
///
/// - Cost: it is copied often, so what takes more than a word stands behind one reference.
public struct ResponsePlan: Sendable {
    /// `stream_options.include_usage` (STREAM-040…042).
    public enum StreamUsage: Sendable { case lastChunk, ownChunk, none }

    /// Where thought text goes (THINK-020, THINK-030…033).
    public enum Thoughts: Sendable, Equatable {
        case hidden
        case untagged
        /// `<marker>…</marker>` around each run, in `content`.
        case tagged(marker: String)
        /// In `reasoning_content`.
        case apart
    }

    /// `audio.format` (AUD-003).
    public enum AudioFormat: Sendable { case pcm16, wav }

    /// The request's `model`, as it was sent (MOD-004).
    public var model = ""
    public var isStream = false
    public var streamUsage = StreamUsage.lastChunk
    public var thoughts = Thoughts.hidden
    /// The request used `functions`: answer with `function_call`.
    public var usesLegacyFunctions = false
    /// `parallel_tool_calls: false`: only the first call of a choice is returned.
    public var returnsOneCall = false
    public var toolNames = ToolNames()
    public var wantsLogprobs = false
    public var wantsTopLogprobs = false
    /// The request named a `service_tier`, so the answer names one too (RESP-008).
    public var echoesServiceTier = false
    public var audioFormat = AudioFormat.pcm16
    /// Speech was asked for: `audio` is its place.
    public var wantsSpeech = false
    public var usageMode = TranslationSettings.UsageMode.openai
    public var suppressesAudioField = false
    /// Single-candidate calls that must be made for `n` (NFAN-001); 1 when one call serves.
    public var calls = 1
    /// How many choices the client asked for (REQ-005).
    public var choices = 1
    /// `maxOutputTokens` as sent, for limits.
    public var maxOutputTokens: Int?

    /// A placeholder signature stands in the body (SIG-013).
    public var sentPlaceholder = false
    /// Sampling parameters stand in the body, and the model may refuse them.
    public var mayRetryWithoutSampling = false

    /// What few requests need: how they must travel, beside their body.
    private struct Travel: Sendable {
        var sharedRequestType: String?
        var requestType: String?
        var mediaToFetch: Set<String> = []
        var fetchableMedia: Set<String> = []
        var cacheLocation: CacheLocation?
    }

    private var travel = Boxed<Travel>()

    /// Header values for `service_tier` on Vertex (TIER-002…004).
    public var sharedRequestType: String? {
        get { travel.read { $0.sharedRequestType } ?? nil }
        set { travel.change(from: Travel()) { $0.sharedRequestType = newValue } }
    }

    public var requestType: String? {
        get { travel.read { $0.requestType } ?? nil }
        set { travel.change(from: Travel()) { $0.requestType = newValue } }
    }

    /// URLs that must be fetched before the body can be written (MM-003).
    public var mediaToFetch: Set<String> { travel.read { $0.mediaToFetch } ?? [] }

    /// URLs that the upstream fetches, and the gateway where it cannot (MM-006).
    public var fetchableMedia: Set<String> { travel.read { $0.fetchableMedia } ?? [] }

    mutating func fetch(_ url: String) { travel.change(from: Travel()) { _ = $0.mediaToFetch.insert(url) } }

    mutating func mayFetch(_ url: String) { travel.change(from: Travel()) { _ = $0.fetchableMedia.insert(url) } }

    /// The location in which the request's cached content is; `nil` when it names none.
    public var cacheLocation: CacheLocation? {
        get { travel.read { $0.cacheLocation } ?? nil }
        set { travel.change(from: Travel()) { $0.cacheLocation = newValue } }
    }

    /// Cached content is in one location, and nowhere else.
    public enum CacheLocation: Sendable, Equatable {
        case named(String)
        /// The location of the backend that the request was meant for: the content's name tells none.
        case usual
    }

    public init() {}

    /// Whether the first image stands in `audio`, too (IMG-001, IMG-006).
    var showsImagesAsAudio: Bool { !suppressesAudioField && !wantsSpeech }
}
