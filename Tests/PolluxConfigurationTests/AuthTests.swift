import PolluxConfiguration
import Testing

@Suite("Configuration: who may call, and where it leads")
struct AuthTests {
    private static let digest = String(repeating: "0A", count: 32)
    private static let other = String(repeating: "0b", count: 32)

    @Test(
        "The default mode follows the backends",
        arguments: [
            ("[{name: a, kind: vertex}]", Configuration.Auth.Mode.passthrough),
            ("[{name: a, kind: vertex-endpoint, endpoint_id: 1}]", .passthrough),
            ("[{name: a, kind: vertex, credentials: {type: adc}}]", .gateway),
            ("[{name: a, kind: vertex}, {name: b, kind: vertex}]", .gateway),
            ("[{name: a, kind: gemini-api, credentials: {type: adc}}]", .gateway),
            ("[{name: a, kind: openai, base_url: 'http://h'}]", .gateway),
        ])
    func mode(backends: String, expected: Configuration.Auth.Mode) throws {
        #expect(try load("backends: \(backends)").auth.mode == expected)
    }

    @Test(
        "Mode none is for this machine only, unless allowed (AUTH-003)",
        arguments: [
            ("127.0.0.1", true), ("127.9.9.9", true), ("localhost", true), ("'::1'", true),
            ("0.0.0.0", false), ("'::'", false), ("10.0.0.1", false), ("127.0.0.1.example", false),
            ("128.0.0.1", false), ("127.1", false),
        ])
    func anonymous(address: String, isAccepted: Bool) throws {
        let text = smallest + "listen: {address: \(address)}\nauth: {mode: none}"
        let bare = address.replacing("'", with: "")
        let message = "mode none lets everybody in who reaches \(bare)"
        if isAccepted {
            #expect(try warnings(in: text) == ["f:3:14: auth.mode: \(message)"])
        } else {
            #expect(
                errors(in: text) == [
                    "f:3:14: auth.mode: \(message); bind to 127.0.0.1 or set auth.allow_anonymous"
                ])
        }
        let allowed = smallest + "listen: {address: \(address)}\nauth: {mode: none, allow_anonymous: true}"
        #expect(try load(allowed).auth.allowAnonymous)
    }

    @Test("Mode gateway without keys is an error when chosen, a warning when it is the default")
    func noKeys() throws {
        let backends = "backends: [{name: a, kind: vertex, credentials: {type: adc}}]\n"
        #expect(
            errors(in: backends + "auth: {mode: gateway}") == [
                "f:2:7: auth.keys: missing required key 'keys': mode gateway lets nobody in without keys, here or in a store"
            ])
        #expect(errors(in: backends + "auth: {mode: gateway, keys: []}").count == 1)
        #expect(errors(in: backends + "auth: {mode: gateway}\nstore: {path: /tmp/pollux.db}") == [])
        #expect(
            try warnings(in: backends) == [
                "f:1:1: auth.keys: no keys: mode gateway, the default here, lets nobody in"
            ])
    }

    @Test("Keys that no mode reads are warned of")
    func idleKeys() throws {
        let text = smallest + "auth: {keys: [{name: a, sha256: \(Self.digest)}]}"
        #expect(try load(text).auth.mode == .passthrough)
        #expect(try warnings(in: text) == ["f:2:14: auth.keys: have no effect in mode passthrough"])
    }

    private static let keysCases: [(keys: String, error: String)] = [
        ("{sha256: \(digest)}", "auth.keys[0].name: missing required key 'name'"),
        ("{name: a}", "auth.keys[0].sha256: missing required key 'sha256'"),
        ("{name: a, sha256: 12}", "auth.keys[0].sha256: expected a SHA-256 digest: 64 hexadecimal digits"),
        (
            "{name: a, sha256: \(digest)0}",
            "auth.keys[0].sha256: expected a SHA-256 digest: 64 hexadecimal digits"
        ),
        (
            "{name: a, sha256: g\(digest.dropFirst())}",
            "auth.keys[0].sha256: expected a SHA-256 digest: 64 hexadecimal digits"
        ),
        (
            "{name: a, sha256: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855}",
            "auth.keys[0].sha256: is the digest of an empty text, which is no key"
        ),
        (
            "{name: a, sha256: \(digest), rpm: 0}",
            "auth.keys[0].rpm: is out of range: expected a whole number from 1 to 1000000"
        ),
        (
            "{name: a, sha256: \(digest), models: []}",
            "auth.keys[0].models: must not be empty; leave the key out to allow any"
        ),
        (
            "{name: a, sha256: \(digest)}, {name: A, sha256: \(other)}",
            "auth.keys[1].name: two keys have this name"
        ),
        (
            "{name: a, sha256: \(digest)}, {name: b, sha256: \(digest.lowercased())}",
            "auth.keys[1].sha256: two keys have this digest, so nobody could say whose limits hold"
        ),
    ]

    @Test("Gateway keys are digests with a name (AUTH-005)", arguments: keysCases)
    func keys(keys: String, expected: String) {
        let found = errors(in: smallest + "auth: {mode: gateway, keys: [\(keys)]}")
        #expect(found.count == 1)
        #expect(found.first?.hasSuffix(expected) == true, "\(found)")
    }

    private static let referencesCases: [(text: String, error: String)] = [
        (
            "routing: {default_backend: stuido}",
            "f:2:28: routing.default_backend: no backend has this name; did you mean 'studio'?"
        ),
        (
            "models: {aliases: {x: {backend: none, model: m}}}",
            "f:2:33: models.aliases.x.backend: no backend has this name"
        ),
        (
            "models: {aliases: {x: {model: m}}}",
            "f:2:23: models.aliases.x.backend: missing required key 'backend'"
        ),
        (
            "models: {aliases: {\"\": {backend: studio, model: m}}}",
            "f:2:19: models.aliases: '' is not a model's name, nor 'NAME/*' with a NAME without '/'"
        ),
        (
            "models: {aliases: {\"/*\": {backend: studio, model: m}}}",
            "f:2:19: models.aliases: '/*' is not a model's name, nor 'NAME/*' with a NAME without '/'"
        ),
        (
            "models: {aliases: {\"*\": {backend: studio, model: m}}}",
            "f:2:19: models.aliases: '*' is not a model's name, nor 'NAME/*' with a NAME without '/'"
        ),
        (
            "models: {aliases: {\"a/b/*\": {backend: studio, model: m}}}",
            "f:2:19: models.aliases: 'a/b/*' is not a model's name, nor 'NAME/*' with a NAME without '/'"
        ),
        (
            "models: {aliases: {\"a*/*\": {backend: studio, model: m}}}",
            "f:2:19: models.aliases: 'a*/*' is not a model's name, nor 'NAME/*' with a NAME without '/'"
        ),
        (
            "models: {aliases: {a/b: {backend: studio}}}",
            "f:2:25: models.aliases['a/b'].model: missing required key 'model': kind vertex serves many models"
        ),
    ]

    @Test("Names of backends lead somewhere", arguments: referencesCases)
    func references(text: String, expected: String) {
        #expect(errors(in: "backends: [{name: studio, kind: vertex}]\n" + text) == [expected])
    }

    @Test("An alias for an endpoint needs no model (SELF-010)")
    func endpointAlias() throws {
        let text = """
            backends: [{name: e, kind: vertex-endpoint, endpoint_id: 1}]
            models: {aliases: {llama: {backend: e}}}
            """
        #expect(try load(text).models.aliases["llama"] == load(text).models.aliases["llama"])
        #expect(try load(text).models.aliases["llama"]?.model == "")
        #expect(try load(text).routing.defaultBackend == "e")
    }
}
