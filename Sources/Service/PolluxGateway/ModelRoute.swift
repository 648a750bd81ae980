internal import PolluxConfiguration
public import PolluxLimits
public import PolluxOpenAIWire
public import PolluxRelay
public import PolluxTranslation
public import PolluxTransport

/// Where a model's requests go: one object, which requests share and never change.
public final class ModelRoute: Sendable {
    public let backend: Backend
    public let target: TranslationTarget
    public let address: UpstreamAddress
    /// Path without the method: `/v1beta/models/gemini-2.5-flash`; of a container, the whole.
    public let path: String
    /// What a self-deployed model needs, which speaks Chat Completions itself; `nil` for Gemini.
    public let relay: RelaySettings?
    /// Further names beside the target's model, such as the alias: a gateway key may allow them (AUTH-005), and prices
    /// may be theirs.
    public let names: [String]
    /// What its tokens cost; `nil` when nobody said it.
    public let price: ModelPrice?
    /// The beginnings of the heads of its chats.
    public let wholeHead: [UInt8]
    public let streamHead: [UInt8]

    init(
        backend: Backend, target: TranslationTarget, address: UpstreamAddress, path: String,
        relay: RelaySettings? = nil, names: [String] = [], price: ModelPrice? = nil
    ) {
        self.backend = backend
        self.target = target
        self.address = address
        self.path = path
        self.relay = relay
        self.names = names
        self.price = price
        let suffixes = relay == nil ? (":generateContent", ":streamGenerateContent?alt=sse") : ("", "")
        wholeHead = Self.head("POST", path + suffixes.0, at: address, isStream: false)
        streamHead = Self.head("POST", path + suffixes.1, at: address, isStream: true)
    }

    /// The same route with another path, other settings, one name more, or a price.
    func with(
        path: String? = nil, relay: RelaySettings? = nil, name: String? = nil, price: ModelPrice? = nil
    ) -> ModelRoute {
        ModelRoute(
            backend: backend, target: target, address: address, path: path ?? self.path, relay: relay ?? self.relay,
            names: names + (name.map { [$0] } ?? []), price: price ?? self.price
        )
    }

    /// The beginning of a request's head: what every request for the same has in common.
    ///
    /// - Parameter target: path and query.
    public static func head(
        _ method: StaticString, _ target: String, at address: UpstreamAddress, isStream: Bool
    ) -> [UInt8] {
        Array(
            """
            \(method) \(target) HTTP/1.1\r
            host: \(address.authority)\r
            content-type: application/json\r
            accept: \(isStream ? "text/event-stream" : "application/json")\r
            user-agent: pollux\r

            """.utf8)
    }
}

extension Gateway {
    /// Resolves the `model` of a request (01 § 3).
    ///
    /// - Throws: 400 without a model, 404 for one that is not served, 403 for a project that is not allowed.
    public func route(model: String?, base: ChatBase) throws(APIError) -> ModelRoute {
        try route(model: model, base: base, at: nil)
    }

    /// The longest name of a model, whoever serves it: names are remembered, logged and counted by.
    static let maximumModelBytes = 512

    /// - Parameter place: one of those that may serve the model; `nil` means the first.
    func route(model: String?, base: ChatBase, at place: Backend?) throws(APIError) -> ModelRoute {
        let route = try unpricedRoute(model: model, base: base, at: place)
        for name in [route.target.model] + route.names {
            if let price = prices.price(of: name) { return route.with(price: price) }
        }
        return route
    }

    private func unpricedRoute(model: String?, base: ChatBase, at place: Backend?) throws(APIError) -> ModelRoute {
        if case .endpoint(let endpoint) = base { return try route(to: endpoint) }
        guard let model else {
            throw .badRequest("you must provide a model parameter", param: "model", code: "missing_required_parameter")
        }
        guard model.utf8.count <= Self.maximumModelBytes else { throw Self.modelNotFound(model) }
        if let (members, name) = alias(of: model) {
            let backend = place ?? members[0].backend
            if let relayed = try relayedRoute(alias: name, shown: model, backend, base) { return relayed }
            return try route(try bareID(name, shown: model), backend: backend, base: base).with(name: model)
        }
        if let endpoint = Self.endpoint(named: model) {
            guard let backend = registered(endpoint) else { throw Self.modelNotFound(model) }
            try checkAllowed(project: endpoint.project ?? "", location: endpoint.location ?? "")
            return try route(to: endpoint, at: backend, isNamedByModel: true)
        }
        let backend: Backend
        if let place { backend = place } else { backend = try self.backend(for: base) }
        if let relayed = try relayedRoute(model, backend, base) { return relayed }
        return try route(try bareID(model, shown: model), backend: backend, base: base)
    }

    /// The bare id of any spelling (MOD-001, MOD-002).
    func bareID(_ model: String, shown: String) throws(APIError) -> String {
        var id = model[...]
        if id.hasPrefix("projects/") {
            let parts = id.split(separator: "/", omittingEmptySubsequences: false)
            guard parts.count == 8, parts[2] == "locations", parts[4] == "publishers", parts[5] == "google",
                parts[6] == "models"
            else { throw Self.modelNotFound(shown) }
            id = parts[7]
        } else {
            for prefix in ["publishers/google/models/", "google/", "models/"] where id.hasPrefix(prefix) {
                id = id.dropFirst(prefix.count)
                break
            }
        }
        guard NameForm.modelID.matches(id) else { throw Self.modelNotFound(shown) }
        return String(id)
    }

    public static func modelNotFound(_ model: String) -> APIError {
        APIError(
            status: 404, kind: .invalidRequest,
            message: "The model `\(APIError.shortened(model))` does not exist or you do not have access to it.",
            param: "model", code: "model_not_found"
        )
    }

    // MARK: Backends

    /// The backend that is pinned to the path's project, else the default one.
    func backend(for base: ChatBase) throws(APIError) -> Backend { try members(for: base)[0].backend }

    /// The backend that is pinned to the path's project, else the default one, or the default pool.
    func members(for base: ChatBase) throws(APIError) -> [Member] {
        guard case .vertex(_, let project, let location) = base else { return defaultMembers }
        try checkAllowed(project: project, location: location)
        return pinned(to: project, location).map { [Member(backend: $0)] } ?? defaultMembers
    }

    func checkAllowed(project: String, location: String) throws(APIError) {
        let routing = configuration.routing
        if let allowed = routing.allowedProjects, !allowed.contains(project) {
            throw Self.notAllowed("project", project)
        }
        if let allowed = routing.allowedLocations, !allowed.contains(location) {
            throw Self.notAllowed("location", location)
        }
    }

    func backend(of project: String, _ location: String) -> Backend { pinned(to: project, location) ?? defaultBackend }

    /// The backend of a project; in this location, if there is one.
    private func pinned(to project: String, _ location: String) -> Backend? {
        let pinned = backends.filter { $0.kind == .vertex && $0.configuration.project == project }
        let places = pinned.flatMap(\.places)
        let found = places.first { $0.configuration.location == location } ?? pinned.first
        // With `override` the path's location means nothing, and all of the backend's serve.
        return configuration.routing.override ? pinned.first { $0.name == found?.name } : found
    }

    private static func notAllowed(_ word: String, _ value: String) -> APIError {
        APIError(
            status: 403, kind: .permission, message: "The \(word) '\(value)' is not allowed here.", param: word,
            code: "\(word)_not_allowed"
        )
    }

    /// Version, project and location of a call: the path's, of which `routing.override` leaves the version.
    func place(_ base: ChatBase, _ backend: Backend) -> (version: String, project: String, location: String) {
        let (own, ownLocation) = (backend.project ?? "", backend.location)
        guard case .vertex(let version, let project, let location) = base else { return ("v1", own, ownLocation) }
        return configuration.routing.override ? (version, own, ownLocation) : (version, project, location)
    }

    private func route(_ id: String, backend: Backend, base: ChatBase) throws(APIError) -> ModelRoute {
        guard backend.kind == .vertex || backend.kind == .geminiAPI else { throw Self.modelNotFound(id) }
        let (version, project, named) = place(base, backend)
        var location = named
        let path: String
        if backend.service == .developer {
            path = "/v1beta/models/\(id)"
        } else if case .apiKey = backend.credential, project.isEmpty {
            path = "/\(version)/publishers/google/models/\(id)"
            location = "global"
        } else {
            guard !project.isEmpty else { throw Self.projectNotConfigured }
            path = "/\(version)/projects/\(project)/locations/\(location)/publishers/google/models/\(id)"
        }
        let profile = profiles.profile(for: backend.configuration.profile ?? id)
        return ModelRoute(
            backend: backend,
            target: TranslationTarget(
                service: backend.service, profile: profile, model: id, project: project, location: location,
                tagsThoughtsByDefault: base == .studio, settings: backend.settings
            ),
            address: backend.address(location: location), path: path
        )
    }
}
