internal import PolluxConfiguration
public import PolluxOpenAIWire
internal import PolluxTranslation
internal import PolluxTransport

/// A model that clients may ask for, and what is behind its name.
public struct ServedModel: Sendable, Hashable {
    public var model: Model
    /// The bare id upstream.
    var bareID: String
    /// An alias is found by its own name only.
    var isAlias: Bool

    /// The names by which a key may be allowed to use it (AUTH-005).
    public var names: [String] { isAlias ? [bareID, model.id] : [bareID] }
}

/// The list of models (MOD-006).
extension Gateway {
    /// The models under a base, sorted by their ids, each once: aliases, then the configured list, then what the
    /// upstream lists.
    ///
    /// - Parameter discovered: bare ids from upstream.
    public func models(_ base: ChatBase, discovered: [String]) -> [ServedModel] {
        var models: [String: ServedModel] = [:]
        for (name, alias) in configuration.models.aliases where alias.model != "*" {
            let owner = members(of: alias.backend).map { Self.owner(of: $0[0].backend.kind) } ?? Self.google
            let bareID = (try? self.bareID(alias.model, shown: name)) ?? alias.model  // Not every backend's are bare.
            models[name] = ServedModel(model: Model(id: name, ownedBy: owner), bareID: bareID, isAlias: true)
        }
        // A base that is not allowed has no models of its own.
        let isOwn = (try? backend(for: base).kind == .openAI) ?? false
        for name in configuration.models.list + discovered {
            let served = isOwn ? Self.selfDeployed(name) : served(name, base)
            if models[served.model.id] == nil { models[served.model.id] = served }
        }
        return models.values.sorted { $0.model.id < $1.model.id }
    }

    /// A name of Google's in the form that the base lists; another publisher's, and anything else, as it is.
    private func served(_ name: String, _ base: ChatBase) -> ServedModel {
        guard let bareID = try? bareID(name, shown: name) else {  // A name that is none of Google's is no error.
            let owner = name.split(separator: "/").first.map(String.init) ?? Self.google
            return ServedModel(model: Model(id: name, ownedBy: owner), bareID: name, isAlias: false)
        }
        let prefix = base == .studio ? "models/" : "google/"
        return ServedModel(model: Model(id: prefix + bareID, ownedBy: Self.google), bareID: bareID, isAlias: false)
    }

    private static func selfDeployed(_ name: String) -> ServedModel {
        ServedModel(model: Model(id: name, ownedBy: owner(of: .openAI)), bareID: name, isAlias: false)
    }

    private static let google = "google"

    private static func owner(of kind: Configuration.Backend.Kind) -> String {
        switch kind {
        case .vertex, .geminiAPI, .geminiTuned, .vertexOpenAPI: google
        case .vertexEndpoint, .openAI: "self-deployed"
        }
    }

    /// The model of this name, in any spelling. Nobody lists what stands behind `NAME/*`: it is taken to be there, as it is
    /// when it is asked to answer.
    public func find(_ name: String, in models: [ServedModel]) -> ServedModel? {
        if let exact = models.first(where: { $0.model.id == name }) { return exact }
        if configuration.models.aliases[name] == nil, let (members, bareID) = alias(of: name) {
            let model = Model(id: name, ownedBy: Self.owner(of: members[0].backend.kind))
            return ServedModel(model: model, bareID: bareID, isAlias: true)
        }
        guard let bareID = try? bareID(name, shown: name) else { return nil }  // No spelling of Google's.
        return models.first { !$0.isAlias && $0.bareID == bareID }
    }

    /// Where the upstream's list is; `nil` when it is not asked for.
    ///
    /// It is that of the backend to which the base's plain model names lead: what others list could not be asked
    /// for by these names.
    ///
    /// - Throws: 403 for a project or location that is not allowed.
    public func listing(_ base: ChatBase) throws(APIError) -> ModelRoute? {
        let backend = try backend(for: base)
        guard configuration.models.discover else { return nil }
        switch backend.kind {
        case .vertex, .geminiAPI: break
        case .openAI: return listing(ofServer: backend)
        case .vertexEndpoint, .geminiTuned, .vertexOpenAPI: return nil
        }
        var project = backend.project ?? ""
        var location = backend.location
        if case .vertex(_, let pathProject, let pathLocation) = base, !configuration.routing.override {
            project = pathProject
            location = pathLocation
        }
        if case .apiKey = backend.credential, project.isEmpty { location = "global" }
        let target = TranslationTarget(
            service: backend.service, profile: ModelProfile(), model: "", project: project, location: location,
            settings: backend.settings
        )
        return ModelRoute(
            backend: backend, target: target, address: backend.address(location: location),
            path: UpstreamModels.target(backend.service, pageToken: nil)
        )
    }

    /// `GET U/models` (09 § 7)
    private func listing(ofServer backend: Backend) -> ModelRoute {
        let target = TranslationTarget(
            service: backend.service, profile: ModelProfile(), model: "", project: "", location: "",
            settings: backend.settings
        )
        return ModelRoute(
            backend: backend, target: target, address: backend.address(location: ""),
            path: (backend.configuration.baseURL?.path ?? "") + "/models"
        )
    }
}
