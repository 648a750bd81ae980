import PolluxJSON
import Testing

@testable import PolluxEmulator

@Suite("Emulator: scripts")
struct ScriptTests {
    static func talking(_ script: String, _ recordings: Recordings = Recordings()) throws -> Talking {
        let read = try Script(script, recordings: recordings)
        return Talking { $0.script = read }
    }

    @Test("A burst of errors, then the usual answer")
    func burst() throws {
        let emulator = try Self.talking(
            """
            rules:
              - name: burst
                skip: 1
                times: 2
                error: {status: 503}
            """)
        let statuses = (0..<4).map { _ in emulator.ask(.developer, says("a")).status }
        #expect(statuses == [200, 503, 503, 200])
        let uses = emulator.ask("GET", "/emulator/script")
        #expect(uses["rules.0"] == #"{"name":"burst","matched":3,"acted":2}"#)
    }

    @Test("A 429 tells when to come back (ERR-040)")
    func retryInfo() throws {
        let emulator = try Self.talking("rules: [{error: {status: 429, retry_after: 34s}}]")
        let heard = emulator.ask(.vertex, says("a"))
        #expect(heard.status == 429)
        #expect(heard["error.status"] == "RESOURCE_EXHAUSTED")
        #expect(heard["error.details.0.retryDelay"] == "34s")
    }

    @Test("An error is told in an array where the stream would be one, and names the service")
    func errorForms() throws {
        let emulator = try Self.talking("rules: [{error: {status: 403, reason: SERVICE_DISABLED}}]")
        var array = Asking.vertex
        array.method = "streamGenerateContent"
        let heard = emulator.ask(array, says("a"))
        #expect(heard["0.error.status"] == "PERMISSION_DENIED")
        #expect(heard["0.error.details.0.metadata.service"] == "aiplatform.googleapis.com")
        array.query = "?alt=sse"
        #expect(emulator.ask(array, says("a"))["error.status"] == "PERMISSION_DENIED")
    }

    @Test("Rules are for the requests that they name")
    func matching() throws {
        let emulator = try Self.talking(
            """
            rules:
              - match: {service: VERTEX, model: gemini-2.5-*, region: l, method: generateContent, body: secret word}
                error: {status: 500}
            """)
        #expect(emulator.ask(.vertex, says("the secret word")).status == 500)
        #expect(emulator.ask(.vertex, says("a")).status == 200)
        #expect(emulator.ask(.developer, says("the secret word")).status == 200)
        #expect(emulator.ask(Asking.vertex.with(model: "gemini-2.0-flash"), says("the secret word")).status == 200)
    }

    @Test(
        "Patterns",
        arguments: [
            ("gemini-2.5-flash", "gemini-*", true), ("gemini", "gemini", true), ("gemini-x", "gemini", false),
            ("a-b-c", "a*c", true), ("a-b-c", "*b*", true), ("abc", "*d*", false), ("", "*", true),
            ("aXbXc", "a*X*c", true), ("ab", "a*b*b", false),
        ])
    func patterns(text: String, pattern: String, fits: Bool) {
        #expect(Glob.fits(text, pattern) == fits)
    }

    @Test("Fixed answers: a text, a body, events; only for requests that the service takes")
    func answers() throws {
        let emulator = try Self.talking(
            """
            rules:
              - {times: 2, answer: {text: Paris}}
              - {times: 2, answer: {json: {candidates: []}}}
              - {answer: {events: [{a: 1}, {b: 2}], headers: {x-test: "1"}}}
            """)
        #expect(emulator.ask(.developer, says("a"))["candidates.0.content.parts.0.text"] == "Paris")
        #expect(emulator.ask(.developer, #"{"foo":1}"#).status == 400)
        #expect(emulator.ask(.developer, says("a")).text == #"{"candidates":[]}"#)
        var streaming = Asking.developer
        streaming.method = "streamGenerateContent"
        streaming.query = "?alt=sse"
        #expect(emulator.ask(streaming, says("a")).text == "data: {\"candidates\":[]}\r\n\r\n")
        let events = emulator.ask(streaming, says("a"))
        #expect(events.text == "data: {\"a\":1}\r\n\r\ndata: {\"b\":2}\r\n\r\n")
        #expect(events.fields.contains { $0.name == "x-test" })
        #expect(emulator.ask(.developer, says("a")).text == #"{"b":2}"#)
    }

    @Test("Recorded answers come from the folder, and from nowhere else")
    func recordings() throws {
        let files = [
            "a.json": #"{"candidates":[]}"#, "a.sse": "data: {}\n\ndata: {\"x\":1}\n\n",
            "all.jsonl": "{\"id\":\"one\",\"response\":{\"n\":1}}\n{\"id\":\"two\",\"status\":404,\"raw\":\"{}\"}\n"
                + "{\"id\":\"odd\",\"status\":-1,\"raw\":\"{}\"}\n",
        ]
        let recordings = Recordings { files[$0].map { Array($0.utf8) } }
        func asked(_ answer: String) throws -> Heard {
            try Self.talking("rules: [{answer: \(answer)}]", recordings).ask(.developer, says("a"))
        }
        #expect(try asked("{recording: a.json}").text == #"{"candidates":[]}"#)
        #expect(try asked("{recording: a.sse}").contentType == "text/event-stream")
        #expect(try asked("{recording: all.jsonl, id: one}").text == #"{"n":1}"#)
        #expect(try asked("{recording: all.jsonl, id: two}").status == 404)
        #expect(throws: Script.Failure.self) { try asked("{recording: ../a.json}") }
        #expect(throws: Script.Failure.self) { try asked("{recording: /etc/passwd}") }
        #expect(throws: Script.Failure.self) { try asked("{recording: all.jsonl, id: three}") }
        #expect(throws: Script.Failure.self) { try asked("{recording: all.jsonl, id: odd}") }
    }

    @Test("A quota is for each model and region on its own, and fills again with the next minute")
    func quotas() throws {
        let emulator = try Self.talking("quotas: [{model: gemini-2.5-*, requests_per_minute: 2}]")
        func ask(_ region: String, _ model: String = "gemini-2.5-flash") -> Heard {
            emulator.ask(
                "POST", "/v1/projects/p/locations/\(region)/publishers/google/models/\(model):generateContent",
                says("a"),
                authorization: "Bearer t")
        }
        #expect((0..<3).map { _ in ask("us-central1").status } == [200, 200, 429])
        #expect(ask("europe-west1").status == 200)
        #expect(ask("us-central1", "gemini-2.0-flash").status == 200)
        let refused = ask("us-central1")
        #expect(refused["error.details.1.retryDelay"] == "60s")
        #expect(refused["error.details.0.violations.0.quotaDimensions.location"] == "us-central1")
        _ = emulator.ask("POST", "/emulator/clock", #"{"advance":"60s"}"#)
        #expect(ask("us-central1").status == 200)
    }

    @Test("Chance and latencies are the same for the same seed")
    func chance() throws {
        let script = "seed: 5\nrules: [{chance: 0.5, latency: {median: 100ms, p95: 400ms}, error: {status: 500}}]"
        func run() throws -> [String] {
            let emulator = try Self.talking(script)
            return (0..<200).map { _ in
                let heard = emulator.ask(.developer, says("a"))
                return "\(heard.status) \(heard.delivery?.delayMilliseconds ?? 0)"
            }
        }
        let first = try run()
        #expect(try run() == first)
        let failed = first.filter { $0.hasPrefix("500") }
        #expect((70...130).contains(failed.count))
        let delays = failed.compactMap { Int($0.dropFirst(4)) }.sorted()
        #expect((80...125).contains(delays[delays.count / 2]))
        #expect((250...700).contains(delays[delays.count * 95 / 100]))
    }

    @Test("A script that says what nobody understands is refused with the field's name")
    func refusals() {
        for (script, word) in [
            ("rulez: []", "rulez"), ("rules: [{matches: {}}]", "matches"),
            ("rules: [{error: {status: 200}}]", "status"),
            ("rules: [{latency: soon}]", "latency"), ("quotas: [{model: x}]", "requests_per_minute"),
            ("rules: [{directives: dance}]", "dance"), ("a: [", "YAML"), ("rules: [{chance: 2}]", "chance"),
            ("rules: [{error: {}, answer: {text: a}}]", "oneof"), ("rules: [{fault: {kind: MELT}}]", "kind"),
        ] {
            do {
                _ = try Script(script)
                Issue.record("\(script) was taken")
            } catch {
                #expect("\(error)".contains(word), "\(error)")
            }
        }
    }

    @Test("The admin route sets a script, and takes it away")
    func adminRoute() {
        let emulator = Talking()
        #expect(emulator.ask("POST", "/emulator/script", "rules: [{error: {status: 500}}]").status == 200)
        #expect(emulator.ask(.developer, says("a")).status == 500)
        #expect(emulator.ask("POST", "/emulator/script", "nonsense: 1").status == 400)
        #expect(emulator.ask(.developer, says("a")).status == 500)
        #expect(emulator.ask("DELETE", "/emulator/script").status == 200)
        #expect(emulator.ask(.developer, says("a")).status == 200)
        #expect(emulator.ask("GET", "/emulator/nothing").status == 404)
    }

    @Test("YAML and JSON read alike")
    func yaml() throws {
        let text = "a: 1\nb: [true, null, 'true', 1.5, -2, 08, word]\nc: &x {d: \"e\"}\nf: *x"
        #expect(
            String(decoding: try YAMLText.json(text), as: UTF8.self)
                == #"{"a":1,"b":[true,null,"true",1.5,-2,"08","word"],"c":{"d":"e"},"f":{"d":"e"}}"#)
        #expect(try YAMLText.json("") == Array("{}".utf8))
    }
}
