/// Where a request leads.
enum Route: Sendable, Equatable {
    /// `POST …/models/{model}:{method}`
    case call(ModelCall)
    /// `GET /v1beta/models` or `GET /v1beta1/publishers/google/models`
    case listModels(Backend)
    /// `GET /v1beta/models/{model}` or `GET /v1/publishers/google/models/{model}`
    case model(Backend, name: String, version: String)
    /// `POST /token`
    case token
    /// A path or an HTTP method that no service has.
    case unknown

    /// Chooses by HTTP method and path.
    ///
    ///     /{v}/projects/{p}/locations/{l}/publishers/google/models/{m}:{method}    Vertex AI
    ///     /{v}/projects/{p}/locations/{l}/endpoints/{id}:{method}                  Vertex AI, a tuned model
    ///     /{v}/publishers/google/models/{m}:{method}                               Vertex AI, express mode
    ///     /{v}/models/{m}:{method}, /{v}/tunedModels/{m}:{method}                  Developer API
    ///
    /// - Source: rules of the discovery documents' `path` members.
    init(method: String, target: RequestTarget) {
        let segments = target.segments
        if method == "POST", segments == ["token"] || segments == ["oauth2", "v4", "token"] {
            self = .token
            return
        }
        guard let version = segments.first, ["v1", "v1beta", "v1beta1", "v1alpha"].contains(version) else {
            self = .unknown
            return
        }
        let path = segments.dropFirst()
        switch method {
        case "POST":
            self = ModelCall(version: version, path: path).map(Route.call) ?? .unknown
        case "GET":
            self = Self.listing(version: version, path: Array(path))
        default:
            self = .unknown
        }
    }

    private static func listing(version: String, path: [String]) -> Route {
        if path == ["models"] { return .listModels(.developer) }
        if path.count == 2, path[0] == "models" {
            return .model(.developer, name: path[1], version: version)
        }
        if path == ["publishers", "google", "models"] { return .listModels(.vertex) }
        if path.count == 4, path[0...2] == ["publishers", "google", "models"] {
            return .model(.vertex, name: path[3], version: version)
        }
        return .unknown
    }
}

/// A call of one method of one model.
struct ModelCall: Sendable, Equatable {
    enum Method: String, Sendable {
        case generateContent
        case streamGenerateContent
        case countTokens
        /// Both services; on Vertex AI for newer models only.
        case embedContent
        /// Developer API.
        case batchEmbedContents
        /// Vertex AI, for older embedding models.
        case predict

        var embeds: Bool { self == .embedContent || self == .batchEmbedContents || self == .predict }

        func exists(on backend: Backend) -> Bool {
            switch self {
            case .predict: backend == .vertex
            case .batchEmbedContents: backend == .developer
            default: true
            }
        }
    }

    var backend: Backend
    /// `v1`, `v1beta1`, …
    var version: String
    var method: Method
    /// The bare model id; of a tuned model, the endpoint's id.
    var model: String
    /// Whether the model is a tuned one, whose id says nothing about what it can do.
    var isTuned: Bool
    /// The model's full name, as Vertex AI's errors give it.
    var resource: String

    init?(version: String, path: ArraySlice<String>) {
        guard let last = path.last, let colon = last.lastIndex(of: ":"),
            let method = Method(rawValue: String(last[last.index(after: colon)...]))
        else { return nil }
        let model = String(last[..<colon])
        guard !model.isEmpty else { return nil }
        let folders = Array(path.dropLast())
        switch folders.count {
        case 1 where folders[0] == "models" || folders[0] == "tunedModels":
            backend = .developer
            isTuned = folders[0] == "tunedModels"
        case 3 where folders == ["publishers", "google", "models"]:
            backend = .vertex
            isTuned = false
        case 5 where folders[0] == "projects" && folders[2] == "locations" && folders[4] == "endpoints":
            backend = .vertex
            isTuned = true
        case 7
        where folders[0] == "projects" && folders[2] == "locations"
            && folders[4...] == ["publishers", "google", "models"]:
            backend = .vertex
            isTuned = false
        default:
            return nil
        }
        guard method.exists(on: backend) else { return nil }
        self.version = version
        self.method = method
        self.model = model
        resource = (folders + [model]).joined(separator: "/")
    }
}
