import Testing

@testable import PolluxEmulator

@Suite("Emulator: routes and credentials")
struct RouteTests {
    static func ask(
        _ method: String, _ uri: String, _ body: String = "", authorization: String? = nil, key: String? = nil
    ) -> Heard {
        Talking().ask(method, uri, body, authorization: authorization, key: key)
    }

    @Test(
        "All addresses of a model lead to it",
        arguments: [
            "/v1/projects/p/locations/l/publishers/google/models/gemini-2.5-flash:generateContent",
            "/v1beta1/projects/p/locations/l/publishers/google/models/gemini-2.5-flash:streamGenerateContent",
            "/v1/publishers/google/models/gemini-2.5-flash:generateContent",
            "/v1/projects/p/locations/l/endpoints/1234567890:generateContent",
            "/v1beta/models/gemini-2.5-flash:generateContent",
            "/v1/models/gemini-2.5-flash%3AgenerateContent",
            "/v1beta/models/gemini-2.5-flash:countTokens",
            "/v1beta/models/gemini-2.5-flash:generateContent?key=k",
        ])
    func models(path: String) {
        let heard = Self.ask("POST", path, says("a"), key: path.contains("key=") ? nil : "key")
        #expect(heard.status == 200, "\(heard.text)")
    }

    @Test(
        "Other addresses are not found",
        arguments: [
            ("GET", "/v1beta/models/gemini-2.5-flash:generateContent/x"), ("POST", "/"),
            ("POST", "/v2/models/gemini-x:generateContent"),
            ("POST", "/v1beta/models/gemini-2.5-flash:explode"), ("POST", "/v1beta/models/:generateContent"),
            ("DELETE", "/v1beta/models/gemini-2.5-flash"), ("POST", "/v1beta/models/llama:generateContent"),
            ("POST", "/v1/publishers/google/models/llama:generateContent"), ("GET", "/v1beta/models/llama"),
        ])
    func unknown(method: String, path: String) {
        let heard = Self.ask(method, path, says("a"), key: "key")
        #expect(heard.status == 404)
        #expect(heard["error.status"] == "NOT_FOUND")
    }

    @Test("Without a credential Vertex AI answers 401 and the Developer API 403")
    func credentials() {
        let vertex = Self.ask("POST", Asking.vertex.path, says("a"))
        #expect(vertex.status == 401)
        #expect(vertex["error.details.0.reason"] == "CREDENTIALS_MISSING")
        #expect(Self.ask("POST", Asking.developer.path, says("a")).status == 403)
        #expect(Self.ask("GET", "/v1beta/models").status == 403)
        #expect(Self.ask("POST", Asking.vertex.path, says("a"), authorization: "Bearer ").status == 401)
        #expect(Self.ask("POST", Asking.vertex.path, says("a"), authorization: "bearer x").status == 200)
    }

    @Test("Two credentials at once are refused by the Developer API (AUTH-008)")
    func twoCredentials() {
        let heard = Self.ask("POST", Asking.developer.path, says("a"), authorization: "Bearer x", key: "k")
        #expect(heard.status == 400)
        #expect(heard["error.message"]?.hasPrefix("Multiple authentication credentials received") == true)
    }

    @Test("Models are listed, page by page")
    func list() throws {
        var names: [String] = []
        var token = "0"
        while true {
            let page = Self.ask("GET", "/v1beta/models?pageSize=4&pageToken=\(token)", key: "k")
            for index in 0..<4 {
                if let name = page["models.\(index).name"] { names.append(name) }
            }
            guard let next = page["nextPageToken"] else { break }
            token = next
        }
        #expect(names == ModelCatalogue.names.map { "models/" + $0 })
        let rest = Self.ask("GET", "/v1beta/models?pageSize=\(Int.max)&pageToken=1", key: "k")
        #expect(rest["models.0.name"] == names[1])
        #expect(rest["nextPageToken"] == nil)
        #expect(ModelCatalogue.names.allSatisfy(ModelCatalogue.serves))
        let vertex = Self.ask("GET", "/v1beta1/publishers/google/models", key: "k")
        #expect(vertex["publisherModels.0.name"] == "publishers/google/models/gemini-2.0-flash")
        #expect(Self.ask("GET", "/v1beta/models/gemini-2.5-pro", key: "k")["name"] == "models/gemini-2.5-pro")
    }

    @Test("Tokens are counted")
    func countTokens() {
        var asking = Asking.vertex
        asking.method = "countTokens"
        let vertex = asking.ask(says("Hello there you"))
        #expect(vertex["totalTokens"] == "4")
        #expect(vertex["totalBillableCharacters"] == "13")
        asking.backend = .developer
        let developer = asking.ask(
            #"{"generateContentRequest":\#(says("Hello there you", #""model":"models/m""#))}"#)
        #expect(developer["totalTokens"] == "4")
        #expect(developer["totalBillableCharacters"] == nil)
        #expect(asking.ask(#"{"foo":1}"#).status == 400)
    }

    @Test("Truncated and changed bodies are answered, whatever they hold")
    func damaged() {
        let body = Array(
            says(
                "Weather in Paris and London?",
                #""tools":[\#(weatherTool)],"generationConfig":{"responseMimeType":"application/json","responseJsonSchema":{"type":"object","properties":{"a":{"type":"integer","minimum":3}}},"stopSequences":["x"],"topP":0.5}"#
            ).utf8
        )
        let asking = Asking.vertex.with(model: "gemini-3-flash-preview")
        for end in body.indices { #expect(asking.ask(Array(body[..<end])).status == 400) }
        var chance = Chance(1)
        let marks = Array(#"{}[]",:0-1.eE\ntrué"#.utf8)
        for _ in 0..<3000 {
            var changed = body
            for _ in 0...chance.below(3) {
                changed[chance.below(changed.count)] = marks[chance.below(marks.count)]
            }
            let status = asking.ask(changed).status
            #expect(status == 200 || status == 400)
        }
    }
}
