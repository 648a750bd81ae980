import PolluxConfiguration
import PolluxSecret

extension KeyCase {
    static let backends: [KeyCase] = [
        .init("backends", "[{name: x, kind: vertex}, {name: y, kind: vertex}]") { $0.backends.count == 2 },
        .init("backends[].name", "[{name: x, kind: vertex}]") { $0.backends[0].name == "x" },
        .init("backends[].kind", "[{name: b, kind: gemini-api, credentials: {type: adc}}]") {
            $0.backends[0].kind == .geminiAPI
        },
        backend("project", "project: p1") { $0.project == "p1" },
        backend("location", "location: europe-west4") { $0.location == "europe-west4" },
        backend("locations", "locations: [a, b]") { $0.locations.count == 2 },
        backend("locations[].name", "locations: [{name: a}, b]") { $0.locations.map(\.name) == ["a", "b"] },
        backend("locations[].weight", "locations: [a, {name: b, weight: 2}]") { $0.locations.last?.weight == 2 },
        backend("locations[].base_url", "locations: [a, {name: b, base_url: 'http://127.0.0.1:7'}]") {
            $0.locations.last?.baseURL?.port == 7
        },
        backend("base_url", "base_url: 'http://127.0.0.1:18480'") {
            $0.baseURL?.description == "http://127.0.0.1:18480"
        },
        .init("backends[].api_key", "[{name: b, kind: openai, base_url: 'http://v/v1', api_key: literal}]") {
            $0.backends[0].apiKey == Secret("literal")
        },
        backend("credentials.type", "credentials: {type: metadata}") { $0.credentials?.source == .metadata },
        backend("credentials.path", "credentials: {type: file, path: /a.json}") {
            $0.credentials?.source == .file(path: "/a.json")
        },
        backend("credentials.key", "credentials: {type: api_key, key: literal}") {
            $0.credentials?.source == .apiKey(Secret("literal"))
        },
        backend("credentials.impersonate", "credentials: {impersonate: a@p.iam.gserviceaccount.com}") {
            $0.credentials?.impersonate == "a@p.iam.gserviceaccount.com"
        },
        backend("profile", "profile: gemini-2.5-pro") { $0.profile == "gemini-2.5-pro" },
        backend("schema_mode", "schema_mode: openapi") { $0.schemaMode == .openAPI },
    ]

    static let pools: [KeyCase] = [
        .init("pools", "[{name: p, members: [b]}]") { $0.pools.count == 1 },
        .init("pools[].name", "[{name: p, members: [b]}]") { $0.pools.first?.name == "p" },
        .init("pools[].members", "[{name: p, members: [b]}]") { $0.pools.first?.members.count == 1 },
        .init("pools[].members[].name", "[{name: p, members: [{name: b}]}]") {
            $0.pools.first?.members.first?.name == "b"
        },
        .init("pools[].members[].weight", "[{name: p, members: [{name: b, weight: 5}]}]") {
            $0.pools.first?.members.first?.weight == 5
        },
    ]

    static let endpoints: [KeyCase] = [
        endpoint("endpoint_id", "server: vllm") { $0.endpointID == "1234" },
        endpoint("dedicated_dns", "dedicated_dns: 1234.us-central1-99.prediction.vertexai.goog") {
            $0.dedicatedDNS == "1234.us-central1-99.prediction.vertexai.goog"
        },
        .init(
            "backends[].base_model",
            "[{name: b, kind: gemini-tuned, endpoint_id: 7, base_model: gemini-2.5-flash}]"
        ) {
            $0.backends[0].endpoint.baseModel == "gemini-2.5-flash"
        },
        endpoint("server", "server: tgi") { $0.server == .tgi && $0.normalize },
        endpoint("normalize", "normalize: true") { $0.server == .vllm && $0.normalize },
        endpoint("map_developer_role", "map_developer_role: false") { !$0.mapDeveloperRole },
        endpoint("legacy_max_tokens", "legacy_max_tokens: true") { $0.legacyMaxTokens },
        endpoint("tgi_legacy_grammar", "tgi_legacy_grammar: true") { $0.tgiLegacyGrammar },
        endpoint("echo_model", "echo_model: true") { $0.echoModel },
        endpoint("upstream_model", "upstream_model: meta/llama 3") { $0.upstreamModel == "meta/llama 3" },
    ]

    static let models: [KeyCase] = [
        .init("models.aliases", "{fast: {backend: b, model: m}}") { $0.models.aliases.count == 1 },
        .init("models.aliases.*.backend", "{fast: {backend: b, model: m}}") {
            $0.models.aliases["fast"]?.backend == "b"
        },
        .init("models.aliases.*.model", "{a/b.c: {backend: b, model: m/n}}") {
            $0.models.aliases["a/b.c"]?.model == "m/n"
        },
        .init("models.list", "[google/gemini-2.5-pro]") { $0.models.list == ["google/gemini-2.5-pro"] },
        .init("models.discover", "true") { $0.models.discover },
        .init("models.cache_ttl", "1s") { $0.models.cacheTTL == .seconds(1) },
    ]

    static let profiles: [KeyCase] = [
        .init("models.profiles", "[{match: 'a*'}, {match: b}]") { $0.models.profiles.count == 2 },
        profile("match", "off: true") { $0.match == "gemini-4*" },
        profile("think", "think: level") { $0.think == .level },
        profile("budget.min", "budget: {min: 1, max: 9}") { $0.budget?.minimum == 1 },
        profile("budget.max", "budget: {min: 1, max: 9}") { $0.budget?.maximum == 9 },
        profile("levels", "levels: [low, high]") { $0.levels == ["low", "high"] },
        profile("default", "default: dynamic") { $0.defaultThinking == .budget(-1) },
        profile("off", "off: false") { $0.off == false },
        profile("sampling", "sampling: retry") { $0.sampling == .retried },
        profile("penalty", "penalty: false") { $0.penalty == false },
        profile("candidates", "candidates: true") { $0.candidates == true },
        profile("function_call_ids", "function_call_ids: true") { $0.functionCallIDs == true },
        profile("media", "media: part") { $0.media == .part },
        profile("end_model", "end_model: false") { $0.endModel == false },
        profile("combo", "combo: true") { $0.combo == true },
        profile("schema_mode", "schema_mode: json") { $0.schemaMode == .json },
    ]

    private static func backend(
        _ name: String, _ setting: String, _ isEffective: @escaping @Sendable (Configuration.Backend) -> Bool
    ) -> KeyCase {
        // The second backend makes `gateway` the default mode, so that credentials are loaded.
        KeyCase("backends[].\(name)", "[{name: b, kind: vertex, \(setting)}, {name: c, kind: vertex}]") {
            isEffective($0.backends[0])
        }
    }

    private static func endpoint(
        _ name: String, _ setting: String,
        _ isEffective: @escaping @Sendable (Configuration.EndpointOptions) -> Bool
    ) -> KeyCase {
        KeyCase("backends[].\(name)", "[{name: b, kind: vertex-endpoint, endpoint_id: 1234, \(setting)}]") {
            isEffective($0.backends[0].endpoint)
        }
    }

    private static func profile(
        _ name: String, _ setting: String, _ isEffective: @escaping @Sendable (Configuration.Profile) -> Bool
    ) -> KeyCase {
        KeyCase("models.profiles[].\(name)", "[{match: 'gemini-4*', \(setting)}]") {
            $0.models.profiles.first.map(isEffective) ?? false
        }
    }
}
