import PolluxJSON
import PolluxOpenAIWire
import PolluxTranslation
import Testing

@Suite("The plan says which addresses the gateway must fetch, and which it may")
struct MediaReaderTests {
    func plan(
        of urls: [String], on service: TranslationTarget.Service, _ mode: TranslationSettings.MediaMode = .forward
    ) throws -> ResponsePlan {
        let parts = urls.map { #"{"type":"image_url","image_url":{"url":"\#($0)"}}"# }.joined(separator: ",")
        let bytes = Array(#"{"messages":[{"role":"user","content":[\#(parts)]}]}"#.utf8)
        var tape = JSONTape()
        try tape.parse(bytes.span)
        let json = tape.document(of: bytes.span)
        let model = "gemini-2.5-flash"
        var target = TranslationTarget(
            service: service, profile: ModelProfiles.defaults.profile(for: model), model: model)
        target.settings.mediaMode = mode
        var translator = RequestTranslator()
        var notes = NoteTaker.off
        return try translator.translate(ChatCompletionRequest(json), of: json, to: target, notes: &notes)
    }

    @Test("An address that is forwarded may be fetched when the upstream cannot (MM-003, MM-006)")
    func forwarded() throws {
        let plan = try plan(of: ["https://example.com/a.png", #"https:\/\/example.com\/b.png"#], on: .vertex)
        #expect(plan.mediaToFetch.isEmpty)
        #expect(plan.fetchableMedia == ["https://example.com/a.png", "https://example.com/b.png"])
    }

    @Test("What only Google can read is never fetched (MM-002, MM-004)")
    func googleAlone() throws {
        let video = "https://www.youtube.com/watch?v=9hE5-98ZeCg"
        for mode in [TranslationSettings.MediaMode.forward, .fetch] {
            let plan = try plan(of: ["gs://bucket/a.png", video], on: .vertex, mode)
            #expect(plan.mediaToFetch.isEmpty && plan.fetchableMedia.isEmpty)
        }
    }

    @Test("What must be fetched is not forwarded (MM-003)")
    func fetched() throws {
        let all = try plan(of: ["https://example.com/a.png"], on: .vertex, .fetch)
        #expect(all.mediaToFetch == ["https://example.com/a.png"] && all.fetchableMedia.isEmpty)
        let plain = try plan(of: ["http://example.com/a.png", "https://example.com/b.png"], on: .developer)
        #expect(plain.mediaToFetch == ["http://example.com/a.png"])
        #expect(plain.fetchableMedia == ["https://example.com/b.png"])
    }
}
