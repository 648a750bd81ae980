import PolluxConfiguration
import PolluxSecret
import Testing

@Suite("Configuration: whole files")
struct ExampleTests {
    private static let digest = String(repeating: "ab", count: 32)

    @Test("The shapes of the reference load, every value in its place")
    func reference() throws {
        let text = """
            listen: {address: 127.0.0.1, port: 8080}
            auth:
              mode: gateway
              keys:
                - {name: team-a, sha256: \(Self.digest), models: ["google/*"], rpm: 600}
            backends:
              - {name: eu, kind: vertex, project: p1, location: europe-west4, credentials: {type: adc}}
              - {name: us, kind: vertex, project: p1, location: us-central1, base_url: "http://127.0.0.1:18480", credentials: {type: file, path: /etc/pollux/sa.json}}
              - {name: studio, kind: gemini-api, credentials: {type: api_key, key: env:GEMINI_API_KEY}}
              - {name: vllm, kind: openai, base_url: http://127.0.0.1:8000/v1, api_key: env:VLLM}
              - {name: llama, kind: vertex-endpoint, project: p1, location: us-central1, endpoint_id: "1234", dedicated_dns: 1234.us-central1-99.prediction.vertexai.goog}
            routing: {default_backend: eu}
            models:
              aliases:
                my-llama: {backend: vllm, model: meta-llama/Llama-3.1-8B-Instruct}
              profiles:
                - {match: "gemini-4*", think: level, levels: [low, high], default: high, off: false}
            """
        let environment = ["GEMINI_API_KEY": "g", "VLLM": "v"]
        let loaded = try Configuration.load(text: text, environment: environment)
        #expect(loaded.warnings.isEmpty)
        let configuration = loaded.configuration
        #expect(configuration.auth.mode == .gateway)
        #expect(configuration.auth.keys[0].sha256 == Array(repeating: 0xAB, count: 32))
        #expect(configuration.backends.map(\.name) == ["eu", "us", "studio", "vllm", "llama"])
        #expect(configuration.backend(named: "eu")?.credentials?.source == .applicationDefault)
        #expect(configuration.backend(named: "us")?.credentials?.source == .file(path: "/etc/pollux/sa.json"))
        #expect(configuration.backend(named: "studio")?.credentials?.source == .apiKey(Secret("g")))
        #expect(configuration.backend(named: "vllm")?.apiKey == Secret("v"))
        #expect(configuration.backend(named: "vllm")?.baseURL?.path == "/v1")
        #expect(configuration.backend(named: "llama")?.endpoint.endpointID == "1234")
        #expect(configuration.models.profiles[0].defaultThinking == .level("high"))
    }

    @Test("A gateway for Vertex AI, in JSON, with limits in fractions of seconds")
    func vertex() throws {
        let text = """
            {
             "listen": {"address": "127.0.0.1", "port": 18081},
             "auth": {"mode": "gateway", "keys": [{"name": "suite", "sha256": "\(Self.digest)"}]},
             "backends": [
              {"name": "vertex", "kind": "vertex", "project": "test-project", "location": "us-central1",
               "base_url": "http://127.0.0.1:18480", "credentials": {"type": "file", "path": "/tmp/sa.json"}}
             ],
             "media": {"http": "forward"},
             "upstream": {"timeout": "2.5s"},
             "stream": {"idle_timeout": "2.5s"}
            }
            """
        let configuration = try load(text)
        #expect(configuration.listen.port == 18081)
        #expect(configuration.upstream.timeout == .milliseconds(2500))
        #expect(configuration.stream.idleTimeout == .milliseconds(2500))
    }

    @Test("A gateway for the Developer API, with a key in the file, which is warned of")
    func developer() throws {
        let text = """
            listen: {address: 127.0.0.1, port: 1}
            auth:
              mode: gateway
              keys:
                - {name: bench, sha256: \(Self.digest)}
            backends:
              - name: stub
                kind: gemini-api
                base_url: http://127.0.0.1:2
                credentials: {type: api_key, key: bench}
            """
        #expect(try load(text).backends[0].credentials?.source == .apiKey(Secret("bench")))
        #expect(
            try warnings(in: text) == [
                "f:10:39: backends[0].credentials.key: a secret stands in the configuration itself; "
                    + "write env:NAME or file:/path instead"
            ]
        )
    }

    @Test("A gateway for a container, whose model name is an alias with a slash")
    func container() throws {
        let text = """
            {"auth": {"mode": "gateway", "keys": [{"name": "suite", "sha256": "\(Self.digest)"}]},
             "backends": [{"name": "vllm", "kind": "openai", "base_url": "http://127.0.0.1:18480/v1", "api_key": "k"}],
             "models": {"aliases": {"meta-llama/Llama-3.1-8B-Instruct":
               {"backend": "vllm", "model": "meta-llama/Llama-3.1-8B-Instruct"}}}}
            """
        let configuration = try load(text)
        #expect(configuration.models.aliases["meta-llama/Llama-3.1-8B-Instruct"]?.backend == "vllm")
        #expect(configuration.backends[0].credentials == nil)
    }

    @Test("A gateway that passes Google tokens on needs no credentials and no keys (AUTH-001)")
    func passthrough() throws {
        let text = """
            {"auth": {"mode": "passthrough"},
             "backends": [{"name": "vertex", "kind": "vertex", "base_url": "http://127.0.0.1:18480"}]}
            """
        let loaded = try Configuration.load(text: text)
        #expect(loaded.configuration.auth.mode == .passthrough)
        #expect(loaded.configuration.backends[0].credentials == nil)
        #expect(loaded.warnings.isEmpty)
    }

    @Test("Comments, anchors, null values and a byte order mark are YAML as usual")
    func yaml() throws {
        let text = """
            # comment
            backends:
              - {name: a, kind: vertex, location: &here eu}
              - {name: b, kind: vertex, location: *here, project: ~}
            listen:
            admin: {port: null}
            """
        let configuration = try load("\u{FEFF}" + text)
        #expect(configuration.backends[1].location == "eu")
        #expect(configuration.backends[1].project == nil)
        #expect(configuration.admin.listener == nil)
    }
}
