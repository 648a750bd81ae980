import Testing

@testable import PolluxEmulator

@Suite("Emulator: context caches (10 § 5)")
struct CacheTests {
    static let vertexPath = "/v1beta1/projects/p/locations/l/cachedContents"
    static let long = String(repeating: "All work and no play. ", count: 300)

    static func creation(_ model: String, _ more: String = "") -> String {
        #"{"model":"\#(model)","contents":[{"role":"user","parts":[{"text":"\#(long)"}]}]"#
            + (more.isEmpty ? "" : ",") + more + "}"
    }

    @Test("A cache is made, listed, kept longer and deleted")
    func life() throws {
        let emulator = Talking()
        let made = emulator.ask(
            "POST", "/v1beta/cachedContents",
            Self.creation("models/gemini-2.5-flash", #""displayName":"d","ttl":"60s""#), key: "k")
        #expect(made.status == 200, "\(made.text)")
        let name = try #require(made["name"])
        #expect(name.hasPrefix("cachedContents/"))
        #expect(made["expireTime"] == "2026-03-21T18:12:55Z")
        #expect(made["usageMetadata.totalTokenCount"] == "1650")
        #expect(emulator.ask("GET", "/v1beta/cachedContents", key: "k")["cachedContents.0.name"] == name)
        #expect(emulator.ask("GET", "/v1beta/\(name)", key: "k")["displayName"] == "d")
        let longer = emulator.ask("PATCH", "/v1beta/\(name)?updateMask=ttl", #"{"ttl":"120s"}"#, key: "k")
        #expect(longer["expireTime"] == "2026-03-21T18:13:55Z")
        #expect(emulator.ask("DELETE", "/v1beta/\(name)", key: "k").status == 200)
        #expect(emulator.ask("GET", "/v1beta/\(name)", key: "k").status == 403)
        #expect(emulator.ask("GET", "/v1beta/cachedContents", key: "k").text == "{}")
    }

    @Test("What is cached counts as prompt and as cached, and its tools are there")
    func use() throws {
        let emulator = Talking()
        let model = "projects/p/locations/l/publishers/google/models/gemini-2.5-flash"
        let made = emulator.ask(
            "POST", Self.vertexPath, Self.creation(model, #""tools":[\#(weatherTool)]"#), authorization: "Bearer t")
        let name = try #require(made["name"])
        #expect(name.hasPrefix("projects/p/locations/l/cachedContents/"))
        let cached = try #require(made["usageMetadata.totalTokenCount"].flatMap { Int($0) })
        let plain = emulator.ask(.vertex, says("What is the weather in Oslo?"))
        let heard = emulator.ask(.vertex, says("What is the weather in Oslo?", #""cachedContent":"\#(name)""#))
        #expect(heard["usageMetadata.cachedContentTokenCount"] == String(cached))
        #expect(heard["usageMetadata.cacheTokensDetails.0.tokenCount"] == String(cached))
        let prompt = try #require(plain["usageMetadata.promptTokenCount"].flatMap { Int($0) })
        #expect(heard["usageMetadata.promptTokenCount"] == String(cached + prompt))
        #expect(heard["candidates.0.content.parts.0.functionCall.name"] == "get_weather")
    }

    @Test("A cache that has ended is not found, in the words of each service")
    func expiry() throws {
        let emulator = Talking()
        let made = emulator.ask("POST", "/v1beta/cachedContents", Self.creation("models/gemini-2.5-flash"), key: "k")
        let name = try #require(made["name"])
        let body = says("a", #""cachedContent":"\#(name)""#)
        #expect(emulator.ask(.developer, body).status == 200)
        #expect(emulator.ask("POST", "/emulator/clock", #"{"advance":"1h"}"#).status == 200)
        let developer = emulator.ask(.developer, body)
        #expect(developer.status == 403)
        #expect(developer["error.message"] == "CachedContent not found (or permission denied)")
        let vertex = emulator.ask(.vertex, says("a", #""cachedContent":"projects/p/locations/l/cachedContents/1""#))
        #expect(vertex.status == 404)
        #expect(vertex["error.message"] == "Not found: cached content metadata for 1.")
    }

    @Test("Another model, a small cache, two ends and unknown fields are refused")
    func refusals() throws {
        let emulator = Talking()
        func create(_ body: String) -> Heard { emulator.ask("POST", "/v1beta/cachedContents", body, key: "k") }
        let name = try #require(create(Self.creation("models/gemini-2.5-flash"))["name"])
        let other = emulator.ask(
            Asking.developer.with(model: "gemini-2.5-pro"), says("a", #""cachedContent":"\#(name)""#))
        #expect(other["error.message"]?.hasSuffix("has to be the same.") == true)
        let small = create(#"{"model":"models/gemini-2.5-flash","contents":[{"parts":[{"text":"abcd"}]}]}"#)
        #expect(
            small["error.message"] == "Cached content is too small. total_token_count=1, min_total_token_count=1024")
        let flash = "models/gemini-2.5-flash"
        #expect(create(Self.creation(flash, #""ttl":"5s","expireTime":"2030-01-01T00:00:00Z""#)).status == 400)
        #expect(create(Self.creation(flash, #""ttl":"-5s""#)).status == 400)
        #expect(create(Self.creation(flash, #""expireTime":"2020-01-01T00:00:00Z""#)).status == 400)
        #expect(create(Self.creation(flash, #""foo":1"#)).status == 400)
        #expect(create(Self.creation("models/llama")).status == 404)
        #expect(create(#"{"contents":[]}"#).status == 400)
        #expect(emulator.ask("GET", "/v1beta/cachedContents").status == 403)
    }

    @Test("Moments are read with fractions and offsets")
    func moments() {
        #expect(Timestamp.seconds("2026-03-21T18:11:55Z") == Asking.time)
        #expect(Timestamp.seconds("2026-03-21T20:11:55.123456+02:00") == Asking.time)
        #expect(Timestamp.seconds("2000-02-29T00:00:00Z") == 951_782_400)
        for wrong in ["", "2026", "2026-13-01T00:00:00Z", "2026-03-21T18:11:55", "2026-03-21T18:11:55+2"] {
            #expect(Timestamp.seconds(wrong) == nil)
        }
    }
}
