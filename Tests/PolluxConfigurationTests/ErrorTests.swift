import PolluxConfiguration
import Testing

@Suite("Configuration: errors")
struct ErrorTests {
    /// What stands in the file after `backends`, which is line 1, and what the operator reads.
    private static let structureCases: [(text: String, errors: [String])] = [
        ("listn: {port: 1}", ["f:2:1: listn: unknown key 'listn'; did you mean 'listen'?"]),
        ("listen: {prot: 1}", ["f:2:10: listen.prot: unknown key 'prot'; did you mean 'port'?"]),
        ("port: 80", ["f:2:1: port: unknown key 'port'; did you mean 'admin.port' or 'listen.port'?"]),
        ("listen.prt: 80", ["f:2:1: listen.prt: unknown key 'listen.prt'; did you mean 'listen.port'?"]),
        ("zzz: 1", ["f:2:1: zzz: unknown key 'zzz'"]),
        // Of another file, named by mistake, nothing is repeated.
        ("\"root:$6$salt$hash\": 1", ["f:2:1: unknown key"]),
        ("listen: {\"\\e[2J\": 1}", ["f:2:10: listen: unknown key"]),
        ("listen: 8080", ["f:2:9: listen: expected a mapping, found a single value"]),
        ("listen: [1]", ["f:2:9: listen: expected a mapping, found a list"]),
        ("auth: {keys: {a: b}}", ["f:2:14: auth.keys: expected a list, found a mapping"]),
        ("models: {list: x}", ["f:2:16: models.list: expected a list, found a single value"]),
        ("models: {list: [{}]}", ["f:2:17: models.list[0]: expected a text, found a mapping"]),
        ("models: {aliases: []}", ["f:2:19: models.aliases: expected a mapping, found a list"]),
        ("n_partial: [true]", ["f:2:12: n_partial: expected true or false, found a list"]),
        (
            "listen:\n  port: 1\n  port: 2\n  port: 3",
            [
                "f:4:3: listen.port: duplicate key 'port' (it stands in line 3, too)",
                "f:5:3: listen.port: duplicate key 'port' (it stands in line 4, too)",
            ]
        ),
        (
            "listen: {\"port\": 1, port: 2}\nzzz: 1\nstream: {}\nstream: {}",
            [
                "f:2:21: listen.port: duplicate key 'port' (it stands in line 2, too)",
                "f:3:1: zzz: unknown key 'zzz'",
                "f:5:1: stream: duplicate key 'stream' (it stands in line 4, too)",
            ]
        ),
    ]

    @Test("Keys and shapes: every error has its place and a remedy", arguments: structureCases)
    func structure(text: String, expected: [String]) {
        #expect(errors(in: smallest + text) == expected)
    }

    private static let duration = "a duration with a unit, such as 500ms, 15s or 10m, from 1ms to 24h"
    private static let size = "a number of bytes, or one with KiB, MiB or GiB, from 1 to 2GiB"

    private static let valuesCases: [(text: String, error: String)] = [
        ("listen: {port: x}", "f:2:16: listen.port: expected a whole number from 0 to 65535, found 'x'"),
        (
            "listen: {port: \"80\"}",
            "f:2:16: listen.port: expected a whole number from 0 to 65535, found a text in quotes"
        ),
        (
            "listen: {port: 65536}",
            "f:2:16: listen.port: is out of range: expected a whole number from 0 to 65535"
        ),
        ("listen: {port: -1}", "f:2:16: listen.port: expected a whole number from 0 to 65535, found '-1'"),
        ("listen: {port: 1.5}", "f:2:16: listen.port: expected a whole number from 0 to 65535, found '1.5'"),
        ("listen: {address: \"\"}", "f:2:19: listen.address: expected \(host)"),
        ("listen: {address: \"http://x\"}", "f:2:19: listen.address: expected \(host)"),
        ("n_partial: yes", "f:2:12: n_partial: expected true or false, found 'yes'"),
        ("n_partial: \"true\"", "f:2:12: n_partial: expected true or false, found a text in quotes"),
        ("stream: {keepalive: 15}", "f:2:21: stream.keepalive: expected \(duration), found '15'"),
        ("stream: {keepalive: 15 s}", "f:2:21: stream.keepalive: expected \(duration), found '15 s'"),
        ("stream: {keepalive: 1d}", "f:2:21: stream.keepalive: expected \(duration), found '1d'"),
        ("stream: {keepalive: 1.2.3s}", "f:2:21: stream.keepalive: expected \(duration), found '1.2.3s'"),
        ("stream: {keepalive: 0s}", "f:2:21: stream.keepalive: is out of range: expected \(duration)"),
        ("stream: {keepalive: 999999999999h}", "f:2:21: stream.keepalive: expected \(duration), found '999999999999h'"),
        ("stream: {keepalive: 25h}", "f:2:21: stream.keepalive: is out of range: expected \(duration)"),
        ("limits: {max_body_bytes: 5MB}", "f:2:26: limits.max_body_bytes: expected \(size), found '5MB'"),
        ("limits: {max_body_bytes: 0}", "f:2:26: limits.max_body_bytes: is out of range: expected \(size)"),
        (
            "limits: {max_body_bytes: 99999GiB}",
            "f:2:26: limits.max_body_bytes: is out of range: expected \(size)"
        ),
        ("usage: {mode: Google}", "f:2:15: usage.mode: expected openai or google, found 'Google'"),
        ("auth: {mode: key}", "f:2:14: auth.mode: expected passthrough, gateway or none, found 'key'"),
        ("routing: {allowed_projects: [P1]}", "f:2:30: routing.allowed_projects[0]: expected \(project)"),
        (
            "routing: {allowed_locations: []}",
            "f:2:30: routing.allowed_locations: must not be empty; leave the key out to allow any"
        ),
        (
            "upstream: {forward_headers: [X-A, Authorization]}",
            "f:2:35: upstream.forward_headers[1]: expected the name of a header that may be forwarded"
        ),
        (
            "upstream: {forward_headers: [x-stainless-os]}",
            "f:2:30: upstream.forward_headers[0]: expected the name of a header that may be forwarded"
        ),
        (
            "cors: {allowed_origins: ['https://a/']}",
            "f:2:26: cors.allowed_origins[0]: expected '*' or an origin like https://example.com, without path"
        ),
        (
            "admin: {address: '::1'}",
            "f:2:8: admin.port: missing required key 'port': the admin listener has no usual port"
        ),
        ("admin: {port: 8080}", "f:2:15: admin.port: is the port for clients, too"),
        (
            "admin: {port: 1, address: 0.0.0.0, allow_anonymous: true}",
            "f:2:53: admin.allow_anonymous: lets everybody in who reaches 0.0.0.0; bind to 127.0.0.1 or set admin.token"
        ),
        ("tracing: {sample: 1.5}", "f:2:19: tracing.sample: is out of range: expected a number from 0 to 1"),
        ("tracing: {sample: -1}", "f:2:19: tracing.sample: expected a number from 0 to 1, found '-1'"),
    ]
    private static let host = "a host name or an IP address without port and brackets"
    private static let project =
        "a project: 1 to 63 of a-z, 0-9, ':', '.', '-', beginning with a letter or digit"

    @Test("Values: wrong types, units, ranges and words", arguments: valuesCases)
    func values(text: String, expected: String) {
        #expect(errors(in: smallest + text) == [expected])
    }

    private static let profilesCases: [(text: String, error: String)] = [
        ("{think: level}", "f:2:22: models.profiles[0].match: missing required key 'match'"),
        (
            "{match: a/b}",
            "f:2:30: models.profiles[0].match: expected a model id, in which '*' stands for any characters"
        ),
        (
            "{match: a, think: deep}",
            "f:2:40: models.profiles[0].think: expected none, budget or level, found 'deep'"
        ),
        ("{match: a, budget: {min: 1}}", "f:2:41: models.profiles[0].budget.max: missing required key 'max'"),
        (
            "{match: a, budget: {min: 5, max: 1}}",
            "f:2:55: models.profiles[0].budget.max: must not be below min"
        ),
        (
            "{match: a, levels: [low], default: high}",
            "f:2:57: models.profiles[0].default: expected model, dynamic, off, a number of tokens or one of the levels"
        ),
        (
            "{match: a, levels: [LOW]}",
            "f:2:42: models.profiles[0].levels[0]: expected a thinking level in lower case, for example low"
        ),
        ("{match: a}, {match: A}", "f:2:42: models.profiles[1].match: two profiles have this pattern"),
    ]

    @Test("Rows of model profiles", arguments: profilesCases)
    func profiles(text: String, expected: String) {
        #expect(errors(in: smallest + "models: {profiles: [ \(text)]}") == [expected])
    }

    private static let syntaxCases: [(text: String, error: String)] = [
        ("a: [1, 2\nb: 3", "f:2:2: not valid YAML: did not find expected ',' or ']'"),
        ("a: 1\n\tb: 2", "f:2:1: not valid YAML: found a tab character that violates indentation"),
        ("a: \"open", "f:1:9: not valid YAML: found unexpected end of stream"),
        ("a: *nothing", "f:1:4: not valid YAML: found undefined alias"),
        ("a: 1\n---\nb: 2", "f:2:1: not valid YAML: but found another document"),
        ("a: 1\nb: \u{1}", "f:2:4: not valid YAML: control characters are not allowed"),
    ]

    @Test("Text that is not YAML: the place of the mistake", arguments: syntaxCases)
    func syntax(text: String, expected: String) {
        #expect(errors(in: text) == [expected])
    }

    @Test("A few lines that stand for billions of values are refused")
    func expansion() {
        var text = "a: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
        for level in 1...9 {
            let alias = "*a\(level - 1)"
            text += "a\(level): &a\(level) [\(Array(repeating: alias, count: 10).joined(separator: ", "))]\n"
        }
        #expect(errors(in: text) == ["f:1:1: is too large or nested too deeply"])
        let deep = "a: " + String(repeating: "[", count: 40) + String(repeating: "]", count: 40)
        #expect(errors(in: deep) == ["f:1:1: is too large or nested too deeply"])
    }

    @Test("Text that is cut off, anywhere, is refused or read, and never more than that")
    func cutOff() throws {
        let text = smallest + "listen: {\"port\": 1, port: 2}\nmodels:\n  list: [&a 'x', *a, |\n  é\n]"
        for length in 0..<text.unicodeScalars.count {
            let part = String(text.unicodeScalars.prefix(length))
            #expect(errors(in: part).allSatisfy { $0.hasPrefix("f:") }, "\(length)")
        }
    }

    @Test("A file that cannot be read is an error with its name")
    func unreadable() {
        #expect(throws: ConfigurationErrors.self) {
            try Configuration.load(contentsOf: "/nonexistent/pollux.yaml", environment: [:])
        }
        do throws(ConfigurationErrors) {
            _ = try Configuration.load(contentsOf: "/nonexistent/pollux.yaml", environment: [:])
        } catch {
            #expect("\(error)" == "/nonexistent/pollux.yaml: cannot be read: No such file or directory")
            #expect(error.errors[0].file == "/nonexistent/pollux.yaml")
        }
    }

    @Test("An empty configuration says what is needed")
    func empty() {
        #expect(
            errors(in: "") == [
                "f:1:1: backends: missing required key 'backends': at least one backend is needed"
            ])
        #expect(
            errors(in: "backends: []") == [
                "f:1:11: backends: missing required key 'backends': at least one backend is needed"
            ])
        do throws(ConfigurationErrors) {
            _ = try Configuration.load(contentsOf: nil, environment: [:])
        } catch {
            #expect("\(error)".hasPrefix("configuration: backends: missing required key"))
        }
        #expect(errors(in: "hello").first == "f:1:1: expected a mapping, found a single value")
    }

    @Test("All errors are found at once, in the order of the file")
    func together() {
        let text = """
            listen: {port: x}
            backends:
              - {name: a, kind: vertx}
              - {name: a, kind: openai}
              - {kind: vertex}
            routing: {default_backend: c}
            zzz: 1
            """
        #expect(
            errors(in: text) == [
                "f:1:16: listen.port: expected a whole number from 0 to 65535, found 'x'",
                "f:3:21: backends[0].kind: expected vertex, gemini-api, vertex-endpoint, gemini-tuned, vertex-openapi or "
                    + "openai, found 'vertx'",
                "f:4:5: backends[1].base_url: missing required key 'base_url': kind openai has no usual host",
                "f:4:12: backends[1].name: two backends have this name",
                "f:5:5: backends[2].name: missing required key 'name'",
                "f:6:28: routing.default_backend: no backend has this name",
                "f:7:1: zzz: unknown key 'zzz'",
            ])
    }
}
