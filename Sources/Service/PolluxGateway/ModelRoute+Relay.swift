internal import PolluxConfiguration
internal import PolluxOpenAIWire
internal import PolluxRelay
internal import PolluxTranslation
internal import PolluxTransport

/// Routes to models that speak Chat Completions themselves (09 § 2), and to tuned Gemini models.
extension Gateway {
    // MARK: Names

    /// The backends of an alias, at least one, and the model's name there (MOD-001). `NAME/*` with the model `*` stands
    /// for all names behind `NAME/` (SELF-011).
    func alias(of model: String) -> (members: [Member], name: String)? {
        let aliases = configuration.models.aliases
        var found = aliases[model]
        var rest = model[...]
        if found == nil, let slash = model.firstIndex(of: "/"), model.index(after: slash) < model.endIndex {
            found = aliases[model[...slash] + "*"]
            rest = model[model.index(after: slash)...]
        }
        guard let found, let members = members(of: found.backend) else { return nil }
        return (members, found.model == "*" ? String(rest) : found.model)
    }

    /// The endpoint of `projects/P/locations/L/endpoints/ID`.
    static func endpoint(named model: String) -> EndpointAddress? {
        let parts = model.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 6, parts[0] == "projects", parts[2] == "locations", parts[4] == "endpoints",
            NameForm.project.matches(parts[1]), NameForm.location.matches(parts[3]),
            NameForm.endpointID.matches(parts[5])
        else { return nil }
        return EndpointAddress(version: "v1", project: parts[1], location: parts[3], id: parts[5])
    }

    /// The backend that is registered for an endpoint. An endpoint belongs to one project: what the backend names
    /// counts, the path fills in what it does not.
    func registered(_ endpoint: EndpointAddress) -> Backend? {
        let same = backends.filter { $0.configuration.endpoint.endpointID == endpoint.id }
        return same.first {
            $0.configuration.project == endpoint.project && $0.configuration.location == endpoint.location
        } ?? same.first
    }

    // MARK: Endpoints in the path (EP-002, EP-003)

    func route(to endpoint: EndpointAddress) throws(APIError) -> ModelRoute {
        if let project = endpoint.project, let location = endpoint.location {
            try checkAllowed(project: project, location: location)
        }
        if let backend = registered(endpoint) { return try route(to: endpoint, at: backend, isNamedByModel: false) }
        let backend = endpoint.project.map { self.backend(of: $0, endpoint.location ?? "") } ?? defaultBackend
        guard configuration.routing.forwardUnknownEndpoints, backend.kind.isVertex,
            endpoint.id.utf8.allSatisfy({ $0 &- UInt8(ascii: "0") < 10 })
        else {
            throw APIError(
                status: 404, kind: .invalidRequest,
                message: "The endpoint `\(APIError.shortened(endpoint.id))` is not registered here.",
                code: "endpoint_not_found"
            )
        }
        return try route(to: endpoint, at: backend, isNamedByModel: false)
    }

    /// - Parameter isNamedByModel: the request's `model` selected the endpoint, and means nothing there.
    func route(
        to endpoint: EndpointAddress, at backend: Backend, isNamedByModel: Bool
    ) throws(APIError) -> ModelRoute {
        let own = backend.configuration
        let isRegistered = own.endpoint.endpointID == endpoint.id
        let wins = isRegistered || configuration.routing.override
        let project = (wins ? own.project : nil) ?? endpoint.project ?? backend.project ?? ""
        let location = (wins ? own.location : nil) ?? endpoint.location ?? backend.location
        guard !project.isEmpty else { throw Self.projectNotConfigured }
        let path = "/\(endpoint.version)/projects/\(project)/locations/\(location)/endpoints/\(endpoint.id)"
        if own.kind == .geminiTuned, isRegistered {
            return tunedRoute(endpoint.id, path, project, location, backend)
        }
        var settings = RelaySettings(own.endpoint)
        if settings.model == .asReceived { settings.model = isNamedByModel ? .replaced(by: "") : .emptyWhenAbsent }
        return ModelRoute(
            backend: backend, target: target(endpoint.id, project, location, backend),
            address: backend.address(location: location), path: path + "/chat/completions", relay: settings
        )
    }

    /// SELF-006: a tuned model is Gemini, at an address of its own.
    private func tunedRoute(
        _ id: String, _ path: String, _ project: String, _ location: String, _ backend: Backend
    ) -> ModelRoute {
        let model = backend.configuration.endpoint.baseModel ?? backend.configuration.profile ?? id
        var target = target(model, project, location, backend)
        target.profile = profiles.profile(for: backend.configuration.profile ?? model)
        return ModelRoute(
            backend: backend, target: target, address: backend.address(location: location), path: path, names: [id]
        )
    }

    private func target(
        _ model: String, _ project: String, _ location: String, _ backend: Backend
    ) -> TranslationTarget {
        TranslationTarget(
            service: backend.service, profile: profiles.profile(for: model), model: model, project: project,
            location: location, tagsThoughtsByDefault: false, settings: backend.settings
        )
    }

    static var projectNotConfigured: APIError {
        .badRequest(
            "No project is configured for this backend. Use /v1/projects/PROJECT/locations/LOCATION/endpoints/openapi, or set backends[].project.",
            param: nil, code: "project_not_configured"
        )
    }

    // MARK: Backends

    /// The route of an alias; `nil` for Gemini.
    func relayedRoute(
        alias name: String, shown: String, _ backend: Backend, _ base: ChatBase
    ) throws(APIError) -> ModelRoute? {
        guard let route = try relayedRoute(name.isEmpty ? shown : name, backend, base) else { return nil }
        // The alias itself means nothing there: where it names no model, `upstream_model` or the endpoint does.
        var settings = route.relay
        if !name.isEmpty || settings?.model == .asReceived { settings?.model = .replaced(by: name) }
        return route.with(relay: settings, name: shown)
    }

    /// The route of a model at a backend whose answers are relayed; `nil` for Gemini.
    func relayedRoute(_ model: String, _ backend: Backend, _ base: ChatBase) throws(APIError) -> ModelRoute? {
        switch backend.kind {
        case .openAI: return openAIRoute(model, backend)
        case .vertexEndpoint, .geminiTuned:
            guard let id = backend.configuration.endpoint.endpointID else { return nil }
            var address = EndpointAddress(version: "v1", project: nil, location: nil, id: id)
            if case .vertex(let version, let project, let location) = base {
                address = EndpointAddress(version: version, project: project, location: location, id: id)
            }
            let route = try route(to: address, at: backend, isNamedByModel: false)
            guard var settings = route.relay, settings.model == .emptyWhenAbsent else { return route }
            settings.model = .asReceived
            return route.with(relay: settings)
        case .vertexOpenAPI: return try publisherRoute(model, backend, base)
        case .vertex:
            guard configuration.routing.forwardPublishers, Self.hasOtherPublisher(model) else { return nil }
            return try publisherRoute(model, backend, base)
        case .geminiAPI: return nil
        }
    }

    /// SELF-003
    private func openAIRoute(_ model: String, _ backend: Backend) -> ModelRoute {
        ModelRoute(
            backend: backend, target: target(model, "", "", backend), address: backend.address(location: ""),
            path: (backend.configuration.baseURL?.path ?? "") + "/chat/completions",
            relay: RelaySettings(backend.configuration.endpoint)
        )
    }

    // MARK: Other publishers (MOD-005)

    /// Whether a name is `{publisher}/{model}`, and none of the spellings of a Gemini model.
    static func hasOtherPublisher(_ model: String) -> Bool {
        guard let slash = model.firstIndex(of: "/") else { return false }
        let publisher = model[..<slash]
        return !["google", "models", "publishers", "projects"].contains(publisher)
            && NameForm.publisher.matches(publisher)
            && NameForm.modelID.matches(model[model.index(after: slash)...])
    }

    /// SELF-004
    private func publisherRoute(_ model: String, _ backend: Backend, _ base: ChatBase) throws(APIError) -> ModelRoute {
        guard Self.hasOtherPublisher(model) else { throw Self.modelNotFound(model) }
        let (version, project, location) = place(base, backend)
        guard !project.isEmpty else { throw Self.projectNotConfigured }
        var settings = RelaySettings(backend.configuration.endpoint)
        settings.mapsDeveloperRole = false  // Google's own endpoint knows the role; the body goes unchanged.
        return ModelRoute(
            backend: backend, target: target(model, project, location, backend),
            address: backend.address(location: location),
            path: "/\(version)/projects/\(project)/locations/\(location)/endpoints/openapi/chat/completions",
            relay: settings
        )
    }
}

extension ModelRoute {
    /// The same model's embeddings; `nil` where a container has none, or nobody knows (09 § 7).
    public var forEmbeddings: ModelRoute? {
        guard var relay else { return self }
        guard backend.kind == .openAI else { return nil }
        relay.normalizes = false  // The repairs are those of chats.
        return with(path: (backend.configuration.baseURL?.path ?? "") + "/embeddings", relay: relay)
    }
}

extension RelaySettings {
    init(_ options: Configuration.EndpointOptions) {
        self.init()
        if let model = options.upstreamModel { self.model = .replaced(by: model) }
        isTGI = options.server == .tgi
        mapsDeveloperRole = options.server == .tgi || options.mapDeveloperRole
        usesLegacyMaxTokens = options.legacyMaxTokens
        usesLegacyGrammar = options.tgiLegacyGrammar
        normalizes = options.normalize
        echoesModel = options.echoModel
    }
}
