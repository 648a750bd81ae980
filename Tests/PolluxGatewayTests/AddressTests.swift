import PolluxConfiguration
import PolluxOpenAIWire
import PolluxSecret
import PolluxTranslation
import PolluxTransport
import Synchronization
import Testing

@testable import PolluxGateway

@Suite("The exact address of every upstream (HOST-001…006, 01 § 2, 09 § 2)")
struct AddressTests {
    /// A gateway whose only backend this is.
    private func gateway(
        _ backend: String, credential: Backend.Credential = .passthrough, project: String? = nil,
        universe: String = Backend.googleAPIs, routing: String = "{}", upstream: String = "{}"
    ) throws -> Gateway {
        let text = """
            auth: {mode: passthrough}
            backends: [{name: only, \(backend)}]
            models: {aliases: {alias: {backend: only, model: "gemini-2.5-flash"}}}
            routing: \(routing)
            upstream: \(upstream)
            """
        let configuration = try Configuration.load(text: text).configuration
        let backends = configuration.backends.map {
            Backend(
                $0, base: $0.kind == .openAI ? nil : configuration.upstream.baseURL, project: project,
                location: "global", credential: credential, settings: TranslationSettings(configuration, backend: $0),
                universe: universe)
        }
        return Gateway(configuration, backends: backends)
    }

    private func url(_ route: ModelRoute) -> String { "\(route.address)\(route.path)" }

    private func path(_ location: String) -> ChatBase { .vertex(version: "v1", project: "p1", location: location) }

    @Test(
        "Gemini on Vertex AI: global, multi-region, regional (HOST-001…003)",
        arguments: [
            ("global", "aiplatform.googleapis.com"), ("us", "aiplatform.us.rep.googleapis.com"),
            ("eu", "aiplatform.eu.rep.googleapis.com"), ("us-central1", "us-central1-aiplatform.googleapis.com"),
            ("europe-west4", "europe-west4-aiplatform.googleapis.com"),
            ("me-central2", "me-central2-aiplatform.googleapis.com"),
        ])
    func vertex(location: String, host: String) throws {
        let expected = "https://\(host)/v1/projects/p1/locations/\(location)/publishers/google/models/gemini-2.5-flash"
        let byPath = try gateway("kind: vertex").route(model: "google/gemini-2.5-flash", base: path(location))
        #expect(url(byPath) == expected)
        let byConfiguration = try gateway("kind: vertex, project: p1, location: \(location)")
        for base in [ChatBase.short, .studio] {
            #expect(url(try byConfiguration.route(model: "gemini-2.5-flash", base: base)) == expected)
        }
        #expect(url(try byConfiguration.route(model: "alias", base: .short)) == expected)
    }

    @Test("The version of the path is that of the call (01 § 2)")
    func version() throws {
        let base = ChatBase.vertex(version: "v1beta1", project: "p1", location: "us-central1")
        let route = try gateway("kind: vertex").route(model: "gemini-2.5-flash", base: base)
        #expect(route.path.hasPrefix("/v1beta1/projects/p1/"))
    }

    @Test("The backend's place wins over the path's where the operator says so (EP-013)")
    func override() throws {
        let gateway = try gateway(
            "kind: vertex, project: own, location: europe-west1", routing: "{override: true}")
        #expect(
            url(try gateway.route(model: "gemini-2.5-flash", base: path("us")))
                == "https://europe-west1-aiplatform.googleapis.com/v1/projects/own/locations/europe-west1/publishers/google/models/gemini-2.5-flash"
        )
    }

    @Test("An API key needs no project, and then no location (01 § 2, CRED-007)")
    func expressMode() throws {
        let key = Backend.Credential.apiKey(Secret("k"))
        let express = try gateway("kind: vertex, location: us-central1", credential: key)
        #expect(
            url(try express.route(model: "gemini-2.5-flash", base: .short))
                == "https://aiplatform.googleapis.com/v1/publishers/google/models/gemini-2.5-flash")
        let ofProject = try gateway("kind: vertex, project: p1, location: us-central1", credential: key)
        #expect(
            url(try ofProject.route(model: "gemini-2.5-flash", base: .short))
                == "https://us-central1-aiplatform.googleapis.com/v1/projects/p1/locations/us-central1/publishers/google/models/gemini-2.5-flash"
        )
    }

    @Test("The Developer API has one host and one version, whatever the path says (HOST-005)")
    func developer() throws {
        for base in [ChatBase.short, .studio, path("us")] {
            #expect(
                url(try gateway("kind: gemini-api").route(model: "models/gemini-2.5-flash", base: base))
                    == "https://generativelanguage.googleapis.com/v1beta/models/gemini-2.5-flash")
        }
    }

    @Test("An own base replaces scheme, host and port of every kind, and no path (HOST-006)")
    func bases() throws {
        let private1 = "https://aiplatform-psc.example.internal:8443"
        let gemini = "/v1/projects/p1/locations/us-central1/publishers/google/models/gemini-2.5-flash"
        let place = "project: p1, location: us-central1"
        for gateway in [
            try gateway("kind: vertex, \(place), base_url: \"\(private1)\""),
            try gateway("kind: vertex, \(place)", upstream: "{base_url: \"\(private1)\"}"),
            try gateway(
                "kind: vertex, \(place), base_url: \"\(private1)\"", upstream: "{base_url: \"http://other:1\"}"),
        ] {
            #expect(url(try gateway.route(model: "gemini-2.5-flash", base: .short)) == private1 + gemini)
        }
        let studio = try gateway("kind: gemini-api, base_url: \"http://127.0.0.1:9\"")
        #expect(
            url(try studio.route(model: "gemini-2.5-flash", base: .short))
                == "http://127.0.0.1:9/v1beta/models/gemini-2.5-flash")
        let endpoint = try gateway("kind: vertex-endpoint, \(place), endpoint_id: \"11\", base_url: \"\(private1)\"")
        #expect(
            url(try endpoint.route(model: "any", base: .short))
                == private1 + "/v1/projects/p1/locations/us-central1/endpoints/11/chat/completions")
        let own = try gateway(
            "kind: openai, base_url: \"http://10.0.0.7:8000/v1\"", upstream: "{base_url: \"\(private1)\"}")
        #expect(url(try own.route(model: "any", base: .short)) == "http://10.0.0.7:8000/v1/chat/completions")
    }

    @Test("Endpoints: shared, dedicated, tuned, in every spelling of their id (HOST-004, SELF-001, SELF-002, SELF-006)")
    func endpoints() throws {
        let dedicated = "11.us-central1-99.prediction.vertexai.goog"
        let shared = "us-central1-aiplatform.googleapis.com"
        let name = "/projects/p1/locations/us-central1/endpoints/11"
        let short = #"endpoint_id: "11", project: p1, location: us-central1"#
        let long = "endpoint_id: projects/p1/locations/us-central1/endpoints/11"
        for id in [short, long] {
            for (kind, host, method) in [
                ("vertex-endpoint, \(id)", shared, "/chat/completions"),
                ("vertex-endpoint, \(id), dedicated_dns: \(dedicated)", dedicated, "/chat/completions"),
                ("gemini-tuned, base_model: gemini-2.5-flash, \(id)", shared, ""),
                ("gemini-tuned, base_model: gemini-2.5-flash, \(id), dedicated_dns: \(dedicated)", dedicated, ""),
            ] {
                let gateway = try gateway("kind: \(kind)")
                let address = EndpointAddress(version: "v1", project: "p1", location: "us-central1", id: "11")
                let named = String(name.dropFirst())
                for (model, base) in [
                    (nil, .endpoint(address)), ("any", .endpoint(address)), (named, .short), ("alias", .short),
                ] as [(String?, ChatBase)] {
                    #expect(url(try gateway.route(model: model, base: base)) == "https://\(host)/v1\(name)\(method)")
                }
            }
        }
    }

    @Test("Models of other publishers go to Google's OpenAI endpoint of the same place (SELF-004, MOD-005)")
    func publishers() throws {
        for kind in ["vertex", "vertex-openapi"] {
            let gateway = try gateway("kind: \(kind), project: p1, location: us-east5")
            for model in ["meta/llama-4-maverick-17b-128e-instruct-maas", "deepseek-ai/deepseek-v3.1-maas"] {
                #expect(
                    url(try gateway.route(model: model, base: .short))
                        == "https://us-east5-aiplatform.googleapis.com/v1/projects/p1/locations/us-east5/endpoints/openapi/chat/completions"
                )
            }
        }
        let global = try gateway("kind: vertex").route(model: "openai/gpt-oss-120b-maas", base: path("global"))
        #expect(
            url(global)
                == "https://aiplatform.googleapis.com/v1/projects/p1/locations/global/endpoints/openapi/chat/completions"
        )
    }

    @Test("Credentials of another universe replace googleapis.com in Google's own hosts (CRED-001)")
    func universes() throws {
        let place = "project: p1, location: "
        for (backend, host) in [
            ("kind: vertex, \(place)us-central1", "us-central1-aiplatform.example.cloud"),
            ("kind: vertex, \(place)global", "aiplatform.example.cloud"),
            ("kind: vertex, \(place)eu", "aiplatform.eu.rep.example.cloud"),
            ("kind: gemini-api", "generativelanguage.example.cloud"),
        ] {
            let route = try gateway(backend, universe: "example.cloud").route(model: "gemini-2.5-flash", base: .short)
            #expect("\(route.address)" == "https://\(host)")
        }
        let own = try gateway("kind: vertex, \(place)us, base_url: \"https://own.example\"", universe: "example.cloud")
        #expect("\(try own.route(model: "gemini-2.5-flash", base: .short).address)" == "https://own.example")
    }

    // MARK: The live check

    @Test(
        "The live check calls what is cheap and needs the rights of a real call",
        arguments: [
            (
                "kind: vertex, project: p1, location: us-central1",
                "POST https://us-central1-aiplatform.googleapis.com/v1/projects/p1/locations/us-central1/publishers/google/models/m:countTokens"
            ),
            ("kind: vertex", "GET https://aiplatform.googleapis.com/v1beta1/publishers/google/models?pageSize=1"),
            (
                "kind: vertex-openapi, project: p1, location: us-east5",
                "POST https://us-east5-aiplatform.googleapis.com/v1/projects/p1/locations/us-east5/publishers/google/models/m:countTokens"
            ),
            ("kind: gemini-api", "GET https://generativelanguage.googleapis.com/v1beta/models?pageSize=1"),
            (
                "kind: gemini-tuned, base_model: m, endpoint_id: projects/p1/locations/us-central1/endpoints/11",
                "POST https://us-central1-aiplatform.googleapis.com/v1/projects/p1/locations/us-central1/endpoints/11:countTokens"
            ),
            (
                "kind: vertex-endpoint, endpoint_id: projects/p1/locations/us-central1/endpoints/11, dedicated_dns: x.goog",
                "POST https://x.goog/v1/projects/p1/locations/us-central1/endpoints/11/chat/completions"
            ),
            ("kind: openai, base_url: \"http://10.0.0.7:8000/v1\"", "GET http://10.0.0.7:8000/v1/models"),
        ])
    func probes(backend: String, call: String) throws {
        let probe = try gateway(backend).backends[0].probe(model: "m")
        #expect("\(probe.method) \(probe.url)" == call)
    }

    @Test("With an API key and no project the live check counts tokens in express mode")
    func expressProbe() throws {
        let probe = try gateway("kind: vertex", credential: .apiKey(Secret("k"))).backends[0].probe(model: "m")
        #expect(probe.url == "https://aiplatform.googleapis.com/v1/publishers/google/models/m:countTokens")
    }

    // MARK: Health

    @Test("A backend is unhealthy after three failed connections in a row, until any answer (09 § 7)")
    func health() {
        let log = ChangeLog()
        let health = BackendHealth { log.append($0) }
        for _ in 0..<2 { health.didFailToConnect() }
        health.didAnswer()
        for _ in 0..<2 { health.didFailToConnect() }
        #expect(health.isHealthy)
        for _ in 0..<3 { health.didFailToConnect() }
        #expect(!health.isHealthy)
        #expect(log.changes == [false])
        health.didAnswer()
        health.didAnswer()
        #expect(health.isHealthy)
        #expect(log.changes == [false, true])
    }
}

/// What a backend's health told.
private final class ChangeLog: Sendable {
    private let all = Mutex<[Bool]>([])

    var changes: [Bool] { all.withLock { $0 } }
    func append(_ isHealthy: Bool) { all.withLock { $0.append(isHealthy) } }
}
