/// What rules and quotas may ask about a request.
struct RequestFacts: Sendable {
    enum Service: String, Sendable, CaseIterable {
        case vertex
        case developer
        /// A server of Chat Completions.
        case container
        /// The services that give tokens.
        case token
        case unknown
    }

    var service = Service.unknown
    var method = ""
    var model = ""
    var region = ""
    var project = ""
    private let segments: [String]

    var path: String { "/" + segments.joined(separator: "/") }

    init(_ route: Route, _ head: RequestHead) {
        segments = head.target.segments
        switch route {
        case .call(let call):
            service = call.backend == .vertex ? .vertex : .developer
            method = call.method.rawValue
            model = call.model
            region = call.location
            project = call.project
        case .cache(let call):
            service = call.backend == .vertex ? .vertex : .developer
            method = "cachedContents"
            let parent = call.parent.split(separator: "/")
            if parent.count == 4 { (project, region) = (String(parent[1]), String(parent[3])) }
        case .listModels(let backend), .listTunedModels(let backend):
            service = backend == .vertex ? .vertex : .developer
            method = "models"
        case .model(let backend, let name, _):
            service = backend == .vertex ? .vertex : .developer
            method = "models"
            model = name
        case .token: service = .token
        case .chat(let call):
            service = .container
            method = call.isList ? "models" : "chatCompletions"
            region = call.location
            project = call.project
        case .control, .unknown: break
        }
    }
}
