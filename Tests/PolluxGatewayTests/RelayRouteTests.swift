import PolluxConfiguration
import PolluxOpenAIWire
import PolluxRelay
import PolluxTranslation
import Testing

@testable import PolluxGateway

@Suite("Where requests to self-deployed models go (09 § 2)")
struct RelayRouteTests {
    static let file = """
        auth: {mode: passthrough}
        backends:
          - {name: vertex, kind: vertex, project: p1, location: europe-west4}
          - {name: shared, kind: vertex-endpoint, project: p1, location: us-central1, endpoint_id: "11"}
          - {name: dedicated, kind: vertex-endpoint, endpoint_id: projects/p1/locations/us-central1/endpoints/llama,
             dedicated_dns: llama.us-central1-99.prediction.vertexai.goog, server: tgi}
          - {name: tuned, kind: gemini-tuned, project: p1, location: us-central1, endpoint_id: "22", base_model: gemini-2.5-pro}
          - {name: maas, kind: vertex-openapi, project: p1, location: us-east5}
          - {name: vllm, kind: openai, base_url: "http://127.0.0.1:8000/v1", upstream_model: served}
          - {name: plain, kind: openai, base_url: "https://models.example:8443"}
          - {name: studio, kind: gemini-api}
        models:
          aliases:
            my-llama: {backend: dedicated}
            other: {backend: vllm, model: meta-llama/Llama-3.1-8B-Instruct}
            plain/*: {backend: plain, model: "*"}
            tuned: {backend: tuned}
            claude: {backend: maas, model: anthropic/claude}
        routing: {default_backend: ROUTE}
        """

    private func gateway(default backend: String = "vertex", _ routing: String = "") throws -> Gateway {
        let text = Self.file.replacing("ROUTE", with: backend + routing)
        let configuration = try Configuration.load(text: text).configuration
        let backends = configuration.backends.map {
            Backend(
                $0, base: nil, project: nil, location: "global", credential: .passthrough,
                settings: TranslationSettings(configuration, backend: $0))
        }
        return Gateway(configuration, backends: backends)
    }

    private func endpoint(_ id: String, project: String? = "p1", location: String? = "us-central1") -> ChatBase {
        .endpoint(EndpointAddress(version: "v1beta1", project: project, location: location, id: id))
    }

    private func url(_ route: ModelRoute) -> String { "\(route.address)\(route.path)" }

    private static let regional = "https://us-central1-aiplatform.googleapis.com"
    private static let endpoints = "/v1beta1/projects/p1/locations/us-central1/endpoints"

    // MARK: Paths

    @Test(
        "An endpoint's path names project, location and id, or the id alone (EP-002, EP-003)",
        arguments: [
            (
                "/v1/projects/p/locations/l/endpoints/1-a/chat/completions",
                EndpointAddress(version: "v1", project: "p", location: "l", id: "1-a")
            ),
            (
                "/v1beta1/endpoints/X_1/chat/completions",
                EndpointAddress(version: "v1beta1", project: nil, location: nil, id: "X_1")
            ),
        ])
    func paths(target: String, address: EndpointAddress) throws {
        let route = try Route.find(ClientRequest(method: "POST", target: target, headers: []))
        #expect(route == .chatCompletions(.endpoint(address)))
    }

    @Test(
        "An endpoint id that could become another address is a 400 (EP-013)",
        arguments: ["a.b", "%2e%2e", "-1", "1%2F2", "é", String(repeating: "1", count: 64)])
    func hostile(id: String) throws {
        for base in ["/v1/projects/p/locations/l/endpoints/", "/v1/endpoints/"] {
            let error = try #require(throws: RouteError.self) {
                try Route.find(ClientRequest(method: "POST", target: base + id + "/chat/completions", headers: []))
            }
            #expect(error.error.status == 400)
            #expect(error.error.param == "endpoint_id")
        }
    }

    // MARK: Endpoints

    @Test("A registered endpoint is called at its own host, shared or dedicated (SELF-001, SELF-002, HOST-004)")
    func registered() throws {
        let gateway = try gateway()
        for base in [endpoint("11"), endpoint("11", project: nil, location: nil)] {
            let route = try gateway.route(model: nil, base: base)
            #expect(url(route) == Self.regional + Self.endpoints + "/11/chat/completions")
            #expect(route.relay?.model == .emptyWhenAbsent)
            #expect(route.relay?.isTGI == false)
        }
        let route = try gateway.route(model: "x", base: endpoint("llama"))
        #expect(
            url(route) == "https://llama.us-central1-99.prediction.vertexai.goog" + Self.endpoints
                + "/llama/chat/completions")
        #expect(route.relay?.isTGI == true && route.relay?.normalizes == true)
    }

    @Test("What the operator registered counts, not what the path says of an endpoint's place (EP-002)")
    func placeholders() throws {
        let route = try gateway().route(model: nil, base: endpoint("11", project: "any", location: "us-east1"))
        #expect(url(route) == Self.regional + Self.endpoints + "/11/chat/completions")
        #expect(route.target.project == "p1")
    }

    @Test("An unknown endpoint of digits is forwarded, where Vertex AI answers and the operator allows (SELF-005)")
    func unknown() throws {
        let route = try gateway().route(model: nil, base: endpoint("33", project: "p2", location: "us"))
        #expect(
            url(route)
                == "https://aiplatform.us.rep.googleapis.com/v1beta1/projects/p2/locations/us/endpoints/33/chat/completions"
        )
        let refused: [(Gateway, String)] = [
            (try gateway(), "no-digits"),
            (try gateway(default: "vertex", ", forward_unknown_endpoints: false"), "33"),
            (try gateway(default: "studio"), "33"), (try gateway(default: "plain"), "33"),
        ]
        for (gateway, id) in refused {
            let error = try #require(throws: APIError.self) {
                try gateway.route(model: nil, base: endpoint(id, project: "p2"))
            }
            #expect(error.status == 404)
            #expect(error.code == "endpoint_not_found")
        }
    }

    @Test("Projects that are not allowed are refused under every address (EP-013)")
    func notAllowed() throws {
        let gateway = try gateway(default: "vertex", ", allowed_projects: [p9]")
        for (model, base) in [
            (nil, endpoint("33")), (nil, endpoint("11")), ("projects/p1/locations/us-central1/endpoints/11", .short),
        ] as [(String?, ChatBase)] {
            let error = try #require(throws: APIError.self) { try gateway.route(model: model, base: base) }
            #expect(error.code == "project_not_allowed")
        }
    }

    @Test("A tuned model is Gemini at an endpoint's address, with the profile of its base (SELF-006)")
    func tuned() throws {
        for (model, base) in [
            (nil, endpoint("22")), ("tuned", .short), ("projects/p1/locations/us-central1/endpoints/22", .short),
        ] as [(String?, ChatBase)] {
            let route = try gateway().route(model: model, base: base)
            #expect(route.relay == nil)
            #expect(route.target.model == "gemini-2.5-pro")
            #expect(route.path.hasSuffix("/projects/p1/locations/us-central1/endpoints/22"))
            #expect(route.target.profile.thinks)
        }
    }

    // MARK: Names

    @Test("A model may be named by its endpoint, if that is registered (MOD-001)")
    func resourceName() throws {
        let name = "projects/p1/locations/us-central1/endpoints/11"
        let route = try gateway().route(model: name, base: .short)
        #expect(route.path == "/v1/\(name)/chat/completions")
        #expect(route.relay?.model == .replaced(by: ""))
        #expect(throws: APIError.self) { try gateway().route(model: name + "1", base: .short) }
    }

    @Test("Aliases lead to containers; their model, or none, goes upstream (MOD-001, SELF-010)")
    func aliases() throws {
        let endpoint = try gateway().route(model: "my-llama", base: .short)
        #expect(endpoint.path == "/v1/projects/p1/locations/us-central1/endpoints/llama/chat/completions")
        #expect(endpoint.relay?.model == .replaced(by: ""))
        #expect(endpoint.names == ["my-llama"])
        let other = try gateway().route(model: "other", base: .studio)
        #expect(url(other) == "http://127.0.0.1:8000/v1/chat/completions")
        #expect(other.relay?.model == .replaced(by: "meta-llama/Llama-3.1-8B-Instruct"))
    }

    @Test("The prefix of an alias is removed when the operator wrote it so (SELF-011)")
    func prefix() throws {
        let route = try gateway().route(model: "plain/org/model:tag", base: .short)
        #expect(url(route) == "https://models.example:8443/chat/completions")
        #expect(route.relay?.model == .replaced(by: "org/model:tag"))
    }

    @Test("A server of its own gets any model's name, as received or as the operator says (SELF-003, SELF-010)")
    func openAI() throws {
        let plain = try gateway(default: "plain").route(model: "any/name of: yours", base: .short)
        #expect(url(plain) == "https://models.example:8443/chat/completions")
        #expect(plain.relay?.model == .asReceived)
        let vllm = try gateway(default: "vllm").route(model: "any", base: .short)
        #expect(url(vllm) == "http://127.0.0.1:8000/v1/chat/completions")
        #expect(vllm.relay?.model == .replaced(by: "served"))
        #expect(vllm.relay?.mapsDeveloperRole == true)
        #expect(throws: APIError.self) { try gateway(default: "plain").route(model: nil, base: .short) }
    }

    // MARK: Other publishers

    @Test("Other publishers' models go to Google's own endpoint, their body unchanged (SELF-004, MOD-005)")
    func publishers() throws {
        let base = ChatBase.vertex(version: "v1", project: "p1", location: "us-central1")
        let route = try gateway().route(model: "meta/llama-4", base: base)
        #expect(
            url(route) == Self.regional + "/v1/projects/p1/locations/us-central1/endpoints/openapi/chat/completions")
        #expect(route.relay?.model == .asReceived && route.relay?.mapsDeveloperRole == false)
        let alias = try gateway().route(model: "claude", base: .short)
        #expect(
            url(alias)
                == "https://us-east5-aiplatform.googleapis.com/v1/projects/p1/locations/us-east5/endpoints/openapi/chat/completions"
        )
        #expect(alias.relay?.model == .replaced(by: "anthropic/claude"))
    }

    @Test(
        "Names that are none stay here (MOD-005)",
        arguments: [
            "http://evil.example/x", "../x", "Meta/x", "meta/", "meta/../x", "meta/a/b", "-a/x", "google/../x",
            "publishers/x", "a:b/c",
        ])
    func notAPublisher(model: String) throws {
        for gateway in [try gateway(), try gateway(default: "maas")] {
            let error = try #require(throws: APIError.self) { try gateway.route(model: model, base: .short) }
            #expect(error.code == "model_not_found")
        }
    }

    @Test("Other publishers' models are not found where they are not forwarded (MOD-005)")
    func notForwarded() throws {
        for gateway in [try gateway(default: "vertex", ", forward_publishers: false"), try gateway(default: "studio")] {
            #expect(throws: APIError.self) { try gateway.route(model: "meta/llama-4", base: .short) }
        }
    }

    @Test("A name that is longer than any model's leads nowhere, whoever serves the others")
    func longNames() throws {
        let gateway = try gateway(default: "plain")
        let longest = String(repeating: "m", count: 512)
        #expect(try gateway.route(model: longest, base: .short).target.model == longest)
        for name in [longest + "m", "plain/" + longest] {
            #expect(throws: Gateway.modelNotFound(name)) { try gateway.route(model: name, base: .short) }
            #expect(throws: Gateway.modelNotFound(name)) { try gateway.routes(model: name, base: .short) }
        }
    }
}
