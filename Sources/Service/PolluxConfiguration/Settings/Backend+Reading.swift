import PolluxSecret

extension Configuration.Backend {
    /// The words of `credentials.type`.
    enum CredentialType: String, CaseIterable {
        case applicationDefault = "adc"
        case file
        case metadata
        case apiKey = "api_key"
    }

    /// The backends that could be read; what is wrong with the others is reported.
    static func list(_ root: Section, mode: Configuration.Auth.Mode) -> [Self] {
        if root.isEmpty("backends") { root.missing("backends", "at least one backend is needed") }
        return root.elements("backends").compactMap { Self($0, mode: mode) }
    }

    /// `nil` when nobody can say what the backend is.
    private init?(_ section: Section, mode: Configuration.Auth.Mode) {
        let name = section.text("name", matching: .name)
        guard let kind: Kind = section.optionalWord("kind") else { return nil }
        self.name = name ?? ""
        self.kind = kind
        let endpoint = EndpointName(section)
        project = section.text("project", matching: .project) ?? endpoint?.project
        locations = Configuration.Share.locations(section, kind: kind)
        location = section.text("location", matching: .location) ?? locations.first?.name ?? endpoint?.location
        baseURL = section.baseURL("base_url", takesPath: kind == .openAI)
        apiKey = kind == .openAI ? section.secret("api_key") : nil
        credentials = Credentials(section, kind: kind, mode: mode)
        profile = section.text("profile", matching: .modelName)
        schemaMode = section.word("schema_mode", fallback: .json)
        self.endpoint = Configuration.EndpointOptions(section, endpointID: endpoint?.id)
        checkRequired(section, mode: mode)
        checkMeaningless(section)
    }

    private func checkRequired(_ section: Section, mode: Configuration.Auth.Mode) {
        if kind == .openAI, !section.has("base_url") {
            section.missing("base_url", "kind openai has no usual host")
        }
        if kind.needsEndpointID, !section.has("endpoint_id") {
            section.missing("endpoint_id", "kind \(kind.rawValue) serves one endpoint")
        }
        if kind == .geminiTuned, !section.has("base_model"), !section.has("profile") {
            section.missing("base_model", "the model's profile follows from it")
        }
        if kind != .openAI, section.has("api_key") {
            section.error("api_key", "belongs to kind openai; write credentials: {type: api_key, key: …}")
        }
        if mode == .passthrough, apiKey != nil {
            section.warn(
                "api_key", "opens this backend to everybody who brings any credential: auth.mode is passthrough")
        }
        if kind.isVertex || kind == .geminiAPI, let baseURL, baseURL.scheme == .http, !baseURL.isLoopback {
            section.warn("base_url", "Google credentials travel over http, readable on the way")
        }
    }

    /// Keys that do something for some kinds only. Elsewhere they are harmless, and probably a mistake.
    private func checkMeaningless(_ section: Section) {
        let containers: [Kind] = [.vertex, .vertexEndpoint, .vertexOpenAPI, .openAI]
        let gemini: [Kind] = [.vertex, .geminiAPI, .geminiTuned]
        let endpoints: [Kind] = [.vertexEndpoint, .geminiTuned]
        let uses: [(names: [String], kinds: [Kind])] = [
            (["endpoint_id", "dedicated_dns"], endpoints),
            (["base_model"], [.geminiTuned]),
            (["profile", "schema_mode"], gemini),
            (["server", "normalize", "map_developer_role", "echo_model", "upstream_model"], containers),
            (["legacy_max_tokens", "tgi_legacy_grammar"], containers),
        ]
        for (names, kinds) in uses where !kinds.contains(kind) {
            for name in names where section.has(name) {
                section.warn(name, "has no effect on kind \(kind.rawValue)")
            }
        }
    }
}

extension Configuration.Backend.Credentials {
    /// `nil` where the gateway has no Google credentials of its own: nothing is then loaded, no
    /// environment variable is looked up and no file opened.
    fileprivate init?(
        _ backend: Section, kind: Configuration.Backend.Kind, mode: Configuration.Auth.Mode
    ) {
        guard kind != .openAI else {
            if backend.has("credentials") {
                backend.error("credentials", "kind openai takes api_key instead")
            }
            return nil
        }
        guard mode != .passthrough else {
            if backend.has("credentials") {
                backend.warn("credentials", "not loaded: auth.mode is passthrough")
            }
            return nil
        }
        let section = backend.section("credentials")
        let written: Configuration.Backend.CredentialType? = section.optionalWord("type")
        if written == nil && section.has("type") { return nil }
        let type = written ?? (kind == .geminiAPI ? .apiKey : .applicationDefault)
        let owners: [(name: String, type: Configuration.Backend.CredentialType)] = [
            ("path", .file), ("key", .apiKey),
        ]
        for (name, owner) in owners where owner != type && section.has(name) {
            section.error(name, "belongs to credentials of type \(owner.rawValue), not \(type.rawValue)")
        }
        guard let source = Source(section, type: type) else { return nil }
        self.source = source
        impersonate = section.text("impersonate", matching: .email)
        if type == .apiKey, impersonate != nil {
            section.error("impersonate", "an API key cannot act as an account")
        }
    }
}

extension Configuration.Backend.Credentials.Source {
    fileprivate init?(_ section: Section, type: Configuration.Backend.CredentialType) {
        switch type {
        case .applicationDefault: self = .applicationDefault
        case .metadata: self = .metadata
        case .file:
            if !section.has("path") { section.missing("path", "credentials of type file are read from it") }
            guard let path = section.text("path") else { return nil }
            self = .file(path: path)
        case .apiKey:
            guard let key = Self.key(section) else { return nil }
            self = .apiKey(key)
        }
    }

    /// The key as written, else Google's environment variables (CRED-007).
    private static func key(_ section: Section) -> Secret? {
        if section.has("key") { return section.secret("key") }
        let variables = ["GOOGLE_API_KEY", "GEMINI_API_KEY"]
        if variables.allSatisfy({ (section.context.environment[$0] ?? "").isEmpty }) {
            section.missing("key", "write it, or set GOOGLE_API_KEY or GEMINI_API_KEY")
            return nil
        }
        return section.secret(fromEnvironment: variables, for: "key")
    }
}
