import PolluxConfiguration
import PolluxSecret
import Testing

@Suite("Configuration: backends")
struct BackendTests {
    private static let passthrough = "auth: {mode: passthrough}\n"

    private func backend(_ settings: String) throws -> Configuration.Backend {
        try load(Self.passthrough + "backends: [{name: b, \(settings)}]").backends[0]
    }

    private static let brokenCases: [(settings: String, error: String)] = [
        (
            "name: 'a b', kind: vertex",
            "2:19: backends[0].name: expected 1 to 63 letters, digits, '.', '_' or '-', beginning with a letter or digit"
        ),
        ("name: a", "2:12: backends[0].kind: missing required key 'kind'"),
        (
            "name: a, kind: openai",
            "2:12: backends[0].base_url: missing required key 'base_url': kind openai has no usual host"
        ),
        (
            "name: a, kind: vertex-endpoint",
            "2:12: backends[0].endpoint_id: missing required key 'endpoint_id': kind vertex-endpoint serves one endpoint"
        ),
        (
            "name: a, kind: gemini-tuned, endpoint_id: 1",
            "2:12: backends[0].base_model: missing required key 'base_model': the model's profile follows from it"
        ),
        (
            "name: a, kind: vertex, project: P_1",
            "2:45: backends[0].project: expected a project: 1 to 63 of a-z, 0-9, ':', '.', '-', beginning with a letter or digit"
        ),
        ("name: a, kind: vertex, location: evil.example", "2:46: backends[0].location: expected \(location)"),
        ("name: a, kind: vertex, location: 'eu-'", "2:46: backends[0].location: expected \(location)"),
        (
            "name: a, kind: vertex-endpoint, endpoint_id: ../x",
            "2:58: backends[0].endpoint_id: expected ID or projects/PROJECT/locations/LOCATION/endpoints/ID"
        ),
        (
            "name: a, kind: vertex-endpoint, endpoint_id: a.b",
            "2:58: backends[0].endpoint_id: expected an endpoint id: 1 to 63 letters, digits, '_' or '-', beginning with a letter or digit"
        ),
        (
            "name: a, kind: vertex-endpoint, endpoint_id: openapi",
            "2:58: backends[0].endpoint_id: is Google's own; write kind vertex-openapi"
        ),
        (
            "name: a, kind: vertex-endpoint, project: q, endpoint_id: projects/p/locations/l/endpoints/1",
            "2:54: backends[0].project: differs from the project in endpoint_id"
        ),
        (
            "name: a, kind: vertex-endpoint, endpoint_id: 1, dedicated_dns: 'https://x'",
            "2:76: backends[0].dedicated_dns: expected a host name without scheme, port and path"
        ),
        (
            "name: a, kind: vertex, base_url: 'ftp://h'",
            "2:46: backends[0].base_url: must begin with http:// or https://"
        ),
        (
            "name: a, kind: vertex, base_url: 'https://u:p@h'",
            "2:46: backends[0].base_url: must not hold a user name or password"
        ),
        ("name: a, kind: vertex, base_url: 'https://'", "2:46: backends[0].base_url: must name a host"),
        (
            "name: a, kind: vertex, base_url: 'https://h:0'",
            "2:46: backends[0].base_url: has a port that is not between 1 and 65535"
        ),
        (
            "name: a, kind: vertex, base_url: 'https://h:'",
            "2:46: backends[0].base_url: has a port that is not between 1 and 65535"
        ),
        (
            "name: a, kind: vertex, base_url: 'https://h/v1'",
            "2:46: backends[0].base_url: must not have a path: it replaces scheme, host and port only"
        ),
        (
            "name: a, kind: openai, base_url: 'https://h/v1?a=b'",
            "2:46: backends[0].base_url: must be printable ASCII without query and fragment"
        ),
        (
            "name: a, kind: openai, base_url: 'http://h', credentials: {type: adc}",
            "2:71: backends[0].credentials: kind openai takes api_key instead"
        ),
        (
            "name: a, kind: vertex, api_key: env:X",
            "2:45: backends[0].api_key: belongs to kind openai; write credentials: {type: api_key, key: …}"
        ),
    ]
    private static let location =
        "a location: 1 to 40 of a-z, 0-9, '-', beginning and ending with a letter or digit"

    @Test("What a kind needs, and the forms of names, hosts and addresses (EP-013)", arguments: brokenCases)
    func broken(settings: String, expected: String) {
        #expect(errors(in: Self.passthrough + "backends: [{\(settings)}]") == ["f:\(expected)"])
    }

    private static let credentialsCases: [(settings: String, error: String)] = [
        (
            "{type: file}",
            "2:49: backends[0].credentials.path: missing required key 'path': credentials of type file are read from it"
        ),
        ("{path: /a}", "2:56: backends[0].credentials.path: belongs to credentials of type file, not adc"),
        (
            "{type: metadata, key: env:K}",
            "2:71: backends[0].credentials.key: belongs to credentials of type api_key, not metadata"
        ),
        (
            "{type: token}",
            "2:56: backends[0].credentials.type: expected adc, file, metadata or api_key, found 'token'"
        ),
        (
            "{impersonate: nobody}",
            "2:63: backends[0].credentials.impersonate: expected the e-mail address of a service account"
        ),
        (
            "{type: api_key, key: env:K, impersonate: a@b.c}",
            "2:90: backends[0].credentials.impersonate: an API key cannot act as an account"
        ),
    ]

    @Test("Credentials: each key belongs to one type", arguments: credentialsCases)
    func credentials(settings: String, expected: String) {
        let text = "auth: {mode: none}\nbackends: [{name: a, kind: vertex, credentials: \(settings)}]"
        #expect(errors(in: text, environment: ["K": "k"]) == ["f:\(expected)"])
    }

    @Test("Without credentials in the file, type and source follow the kind")
    func defaultCredentials() throws {
        let text =
            "backends: [{name: a, kind: vertex}, {name: b, kind: gemini-api}, {name: c, kind: vertex-openapi}]"
        let backends = try load(text, environment: ["GEMINI_API_KEY": "k"]).backends
        #expect(backends[0].credentials?.source == .applicationDefault)
        #expect(backends[1].credentials?.source == .apiKey(Secret("k")))
        #expect(backends[2].credentials?.source == .applicationDefault)
    }

    @Test(
        "An endpoint id may be long or short",
        arguments: [
            "1234", "'1234'", "projects/p1/locations/eu/endpoints/1234",
        ])
    func endpointID(text: String) throws {
        let backend = try backend("kind: vertex-endpoint, project: p1, location: eu, endpoint_id: \(text)")
        #expect(backend.endpoint.endpointID == "1234")
        let bare = try self.backend("kind: vertex-endpoint, endpoint_id: \(text)")
        #expect(bare.project == (text.hasPrefix("projects") ? "p1" : nil))
        #expect(bare.location == (text.hasPrefix("projects") ? "eu" : nil))
    }

    @Test(
        "Base URLs keep scheme, host, port and path",
        arguments: [
            ("http://h", "h", 80, "", "http://h"),
            ("HTTPS://Example.com:443/v1/", "example.com", 443, "/v1", "https://example.com/v1"),
            ("http://[::1]:8000/a/b", "::1", 8000, "/a/b", "http://[::1]:8000/a/b"),
            ("http://127.0.0.1:18480", "127.0.0.1", 18480, "", "http://127.0.0.1:18480"),
            ("https://my_service.ns.svc", "my_service.ns.svc", 443, "", "https://my_service.ns.svc"),
        ])
    func baseURL(text: String, host: String, port: Int, path: String, description: String) throws {
        let url = try #require(try backend("kind: openai, base_url: '\(text)'").baseURL)
        #expect(url.host == host)
        #expect(url.port == port)
        #expect(url.path == path)
        #expect(url.description == description)
    }

    @Test(
        "Normalising is on for TGI, off for vLLM, and can be chosen (SELF-031)",
        arguments: [
            ("server: tgi", true), ("server: vllm", false), ("server: tgi, normalize: false", false),
            ("normalize: true", true),
        ])
    func normalize(settings: String, expected: Bool) throws {
        let backend = try backend("kind: openai, base_url: 'http://h', \(settings)")
        #expect(backend.endpoint.normalize == expected)
    }

    @Test(
        "What has no effect, or sends credentials in the clear, is warned of",
        arguments: [
            ("kind: gemini-api, server: tgi", "f:2:48: backends[0].server: has no effect on kind gemini-api"),
            (
                "kind: openai, base_url: 'http://h', schema_mode: json",
                "f:2:71: backends[0].schema_mode: has no effect on kind openai"
            ),
            ("kind: vertex, endpoint_id: 7", "f:2:49: backends[0].endpoint_id: has no effect on kind vertex"),
            (
                "kind: vertex, base_url: 'http://proxy.example'",
                "f:2:46: backends[0].base_url: Google credentials travel over http, readable on the way"
            ),
        ])
    func warned(settings: String, warning: String) throws {
        #expect(try warnings(in: Self.passthrough + "backends: [{name: b, \(settings)}]") == [warning])
    }

    @Test("A key of the operator's that anybody may use is warned of (AUTH-001)")
    func openKey() throws {
        let text = "backends: [{name: b, kind: openai, base_url: 'http://h', api_key: 'env:K'}]"
        let found = try warnings(in: Self.passthrough + text, environment: ["K": "key-of-the-container"])
        #expect(found.count == 1)
        #expect(found.first?.contains("backends[0].api_key: opens this backend to everybody") == true)
    }
}
