/// Where a request leads.
enum Route: Sendable, Equatable {
    /// `POST …/models/{model}:{method}`
    case call(ModelCall)
    /// `GET /v1beta/models` or `GET /v1beta1/publishers/google/models`
    case listModels(Backend)
    /// `GET` of tuned models, of which there are none to list
    case listTunedModels(Backend)
    /// `GET /v1beta/models/{model}` or `GET /v1/publishers/google/models/{model}`
    case model(Backend, name: String, version: String)
    /// `…/cachedContents`
    case cache(CacheCall)
    /// Google's services that give tokens
    case token(TokenCall)
    /// A server of Chat Completions
    case chat(ChatCall)
    /// The emulator's own routes
    case control([String])
    /// A path or an HTTP method that no service has.
    case unknown

    /// Chooses by HTTP method and path.
    ///
    ///     /{v}/projects/{p}/locations/{l}/publishers/google/models/{m}:{method}    Vertex AI
    ///     /{v}/projects/{p}/locations/{l}/endpoints/{id}:{method}                  Vertex AI, a tuned model
    ///     /{v}/publishers/google/models/{m}:{method}                               Vertex AI, express mode
    ///     /{v}/models/{m}:{method}, /{v}/tunedModels/{m}:{method}                  Developer API
    ///     …/chat/completions                                                       ``ChatCall``
    ///     …/cachedContents                                                         ``CacheCall``
    ///     /token, /sts/v1/token, /computeMetadata/v1/…                             ``TokenCall``
    ///     /emulator/…                                                              ``ControlResponder``
    ///
    /// - Source: rules of the discovery documents' `path` members.
    init(method: String, target: RequestTarget) {
        let segments = target.segments
        // Nearly all requests are calls of a model: they are looked at first.
        if method == "POST", let version = segments.first, Self.versions.contains(version),
            let call = ModelCall(version: version, path: segments.dropFirst())
        {
            self = .call(call)
            return
        }
        if segments.first == "emulator" {
            self = .control(Array(segments.dropFirst()))
            return
        }
        if let call = TokenCall(method: method, segments: segments) {
            self = .token(call)
            return
        }
        if let call = ChatCall(method: method, segments: segments) {
            self = .chat(call)
            return
        }
        guard let version = segments.first, Self.versions.contains(version) else {
            self = .unknown
            return
        }
        let path = Array(segments.dropFirst())
        if let call = CacheCall(method: method, version: version, path: path) {
            self = .cache(call)
        } else {
            self = method == "GET" ? Self.listing(version: version, path: path) : .unknown
        }
    }

    private static let versions: Set<String> = ["v1", "v1beta", "v1beta1", "v1alpha"]

    private static func listing(version: String, path: [String]) -> Route {
        if path == ["models"] { return .listModels(.developer) }
        if path == ["tunedModels"] { return .listTunedModels(.developer) }
        if path.count == 2, path[0] == "models" {
            return .model(.developer, name: path[1], version: version)
        }
        if path == ["publishers", "google", "models"] { return .listModels(.vertex) }
        if path.count == 4, path[0...2] == ["publishers", "google", "models"] {
            return .model(.vertex, name: path[3], version: version)
        }
        guard path.count >= 5, path[0] == "projects", path[2] == "locations" else { return .unknown }
        if path.count == 5, path[4] == "models" { return .listTunedModels(.vertex) }
        if path.count == 8, path[4...6] == ["publishers", "google", "models"] {
            return .model(.vertex, name: path[7], version: version)
        }
        return .unknown
    }
}
