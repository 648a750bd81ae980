import Foundation
import PolluxConfiguration
import PolluxSecret
import Testing

@Suite("Configuration: secrets (CRED-010)")
struct SecretTests {
    private static let value = "sk-do-not-print-me"

    /// Clients have keys, so that nothing is to be warned of.
    private static let auth =
        "\nauth: {keys: [{name: k, sha256: \(String(repeating: "0123456789abcdef", count: 4))}]}"

    private static func openAI(_ key: String) -> String {
        "backends: [{name: v, kind: openai, base_url: 'http://v/v1', api_key: \(key)}]"
    }

    @Test("env:NAME is read from the environment, without a warning")
    func environment() throws {
        let text = Self.openAI("env:VLLM_KEY") + Self.auth
        let loaded = try Configuration.load(text: text, environment: ["VLLM_KEY": Self.value])
        #expect(loaded.configuration.backends[0].apiKey == Secret(Self.value))
        #expect(loaded.warnings.isEmpty)
    }

    @Test(
        "file:/path is read from the file, whose last line ends do not count",
        arguments: ["", "\n", "\r\n", "\n\n"])
    func file(end: String) throws {
        try withFile(Self.value + end) { path in
            let configuration = try load(Self.openAI("file:\(path)"))
            #expect(configuration.backends[0].apiKey == Secret(Self.value))
        }
    }

    @Test("A literal secret works, with a warning that does not repeat it")
    func literal() throws {
        let text = Self.openAI(Self.value) + Self.auth
        #expect(try load(text).backends[0].apiKey == Secret(Self.value))
        #expect(
            try warnings(in: text) == [
                "f:1:70: backends[0].api_key: a secret stands in the configuration itself; write env:NAME or file:/path instead"
            ])
    }

    @Test(
        "References that lead nowhere name the key",
        arguments: [
            ("env:MISSING", "the environment variable 'MISSING' is not set"),
            ("env:EMPTY", "the secret is empty"),
            ("env:TWO_LINES", "the secret holds a line end or another control character"),
            ("'env:'", "expected the name of an environment variable after env:"),
            ("'env:a b'", "expected the name of an environment variable after env:"),
            ("'file:'", "expected a path after file:"),
            (
                "file:/nonexistent/key",
                "the file '/nonexistent/key' cannot be read: No such file or directory"
            ),
            ("file:/", "the file '/' cannot be read: Is a directory"),
            ("file:/dev/zero", "the file '/dev/zero' cannot be read: is larger than 65536 bytes"),
            ("file:/dev/null", "the secret is empty"),
        ])
    func broken(reference: String, message: String) {
        let environment = ["EMPTY": "", "TWO_LINES": "a\nb"]
        #expect(
            errors(in: Self.openAI(reference), environment: environment)
                == ["f:1:70: backends[0].api_key: \(message)"])
    }

    @Test(
        "An API key comes from Google's variables when it is not written (CRED-007)",
        arguments: [
            (["GOOGLE_API_KEY": "g", "GEMINI_API_KEY": "h"], "g"),
            (["GOOGLE_API_KEY": "", "GEMINI_API_KEY": "h"], "h"),
            (["GEMINI_API_KEY": "h"], "h"),
        ])
    func googleVariables(environment: [String: String], expected: String) throws {
        let configuration = try load("backends: [{name: s, kind: gemini-api}]", environment: environment)
        #expect(configuration.backends[0].credentials?.source == .apiKey(Secret(expected)))
    }

    @Test("Without any API key there is an error")
    func noKey() {
        #expect(
            errors(in: "backends: [{name: s, kind: gemini-api}]") == [
                "f:1:12: backends[0].credentials.key: missing required key 'key': "
                    + "write it, or set GOOGLE_API_KEY or GEMINI_API_KEY"
            ])
    }

    @Test("In mode passthrough credentials are not loaded: their secrets may be absent")
    func passthrough() throws {
        let text = """
            auth: {mode: passthrough}
            backends: [{name: s, kind: gemini-api, credentials: {type: api_key, key: env:ABSENT}}]
            """
        #expect(try load(text).backends[0].credentials == nil)
        #expect(
            try warnings(in: text) == [
                "f:2:53: backends[0].credentials: not loaded: auth.mode is passthrough"
            ])
    }

    @Test("No form of the configuration shows a secret")
    func unprintable() throws {
        let text = """
            backends:
              - {name: v, kind: openai, base_url: 'http://v/v1', api_key: \(Self.value)}
              - {name: s, kind: gemini-api, credentials: {key: \(Self.value)}}
            """
        let loaded = try Configuration.load(text: text)
        var dumped = ""
        dump(loaded, to: &dumped)
        for printed in ["\(loaded)", String(reflecting: loaded), dumped, "\(loaded.warnings)"] {
            #expect(!printed.contains(Self.value))
        }
        #expect("\(loaded)".contains("<secret>"))
    }

    /// Places where a secret can stand by mistake.
    private static let misplacedCases = [
        "auth: {mode: gateway, keys: [{name: a, sha256: \(value)}]}",
        "auth: {mode: gateway, keys: [\(value)]}",
        "auth: {mode: gateway, keys: \(value)}",
        "backends: \(value)",
        "backends: [{name: a, kind: vertex, credentials: \(value)}]",
        "backends: [{name: a, kind: openai, base_url: 'https://user:\(value)@host/v1'}]",
        "backends: [{name: a, kind: openai, base_url: 'https://host/v1?key=\(value)'}]",
        "backends: [{name: a, kind: openai, base_url: 'https://host', api_kye: \(value)}]",
        "backends: [{name: a, kind: vertex, api_key: \(value)}]",
        "backends: [{name: a, kind: openai, base_url: 'http://h', api_key: [\(value)]}]",
        "backends: [{name: a, kind: openai, base_url: 'http://h', api_key: \"\(value)\\n\"}]",
        "backends: [{name: a, kind: openai, base_url: 'http://h', api_key: \(value)} a: ]",
        "backends: [{name: a, kind: gemini-api, credentials: {type: adc, key: \(value)}}]",
        "backends: [{name: a, kind: gemini-api, credentials: {key: \(value), key: \(value)}}]",
        "backends: [{name: a, kind: gemini-api, credentials: {type: \(value)-0123456789}}]",
        "backends: [{name: a, kind: openai, base_url: 'http://h', api_key: \"\(value)",
    ]

    @Test("No error shows a secret, wherever it stands", arguments: misplacedCases)
    func misplaced(text: String) {
        let found = errors(in: text)
        #expect(!found.isEmpty)
        #expect(!found.joined().contains("do-not-print"))
    }

    private func withFile(_ text: String, _ body: (String) throws -> Void) throws {
        let url = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try Data(text.utf8).write(to: url)
        defer { try? FileManager.default.removeItem(at: url) }
        try body(url.path())
    }
}
