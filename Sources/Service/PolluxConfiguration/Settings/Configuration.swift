/// Everything an operator can decide, as meant: read, checked, defaults filled in.
///
/// The structure mirrors the file. `Configuration.keys` lists every key with its meaning, so the
/// fields below carry a comment only where there is more to say.
public struct Configuration: Sendable, Hashable {
    public var listen: Listener
    public var admin: Admin
    public var limits: Limits
    public var shutdown: Shutdown
    public var reload: Reload
    public var auth: Auth
    public var store: Store
    /// At least one; names are unique.
    public var backends: [Backend]
    /// Names are unique, among those of backends, too.
    public var pools: [Pool]
    public var routing: Routing
    public var models: Models
    public var upstream: Upstream
    public var stream: Stream
    public var errors: Errors
    public var usage: Usage
    public var thoughts: Thoughts
    public var thinking: Thinking
    public var signatureCache: SignatureCache
    public var history: History
    public var trailingAssistant: TrailingAssistant
    /// How often a malformed call is asked for again.
    public var retryMalformedFunctionCall: Int
    public var nPartial: Bool
    public var metadataAsLabels: Bool
    public var serviceTierExclusive: Bool
    public var strictToolsValidated: Bool
    public var media: Media
    public var images: Images
    public var audio: Audio
    public var cors: CORS
    public var log: Log
    public var tracing: Tracing
    public var serverTiming: Bool

    init(_ root: Section) {
        listen = Listener(root.section("listen"))
        admin = Admin(root.section("admin"))
        limits = Limits(root.section("limits"))
        shutdown = Shutdown(root.section("shutdown"))
        reload = Reload(root.section("reload"))
        auth = Auth(root.section("auth"), backends: root.elements("backends"))
        store = Store(root.section("store"))
        backends = Backend.list(root, mode: auth.mode)
        pools = root.elements("pools").map(Pool.init)
        routing = Routing(root.section("routing"), firstBackend: backends.first?.name ?? "")
        models = Models(root.section("models"))
        upstream = Upstream(root.section("upstream"))
        stream = Stream(root.section("stream"))
        errors = Errors(root.section("errors"))
        usage = Usage(root.section("usage"))
        thoughts = Thoughts(root.section("thoughts"))
        thinking = Thinking(root.section("thinking"))
        signatureCache = SignatureCache(root.section("signature_cache"))
        history = History(root.section("history"))
        trailingAssistant = root.word("trailing_assistant", fallback: .continue)
        retryMalformedFunctionCall = root.integer("retry_malformed_function_call")
        nPartial = root.boolean("n_partial")
        metadataAsLabels = root.boolean("metadata_as_labels")
        serviceTierExclusive = root.boolean("service_tier_exclusive")
        strictToolsValidated = root.boolean("strict_tools_validated")
        media = Media(root.section("media"))
        images = Images(root.section("images"))
        audio = Audio(root.section("audio"))
        cors = CORS(root.section("cors"))
        log = Log(root.section("log"))
        tracing = Tracing(root.section("tracing"))
        serverTiming = root.boolean("server_timing")
    }

    /// The backend of this name.
    public func backend(named name: String) -> Backend? {
        backends.first { $0.name == name }
    }

    /// The backends behind a name: a pool's members, or the one.
    public func members(of name: String) -> [Backend] {
        guard let pool = pools.first(where: { $0.name == name }) else { return backend(named: name).map { [$0] } ?? [] }
        return pool.members.compactMap { backend(named: $0.name) }
    }
}
