import PolluxJSON
import PolluxOpenAIWire
import PolluxTranslation
import Testing

@Suite("Speech is remembered and named by its id (AUD-005, MSG-017)")
struct SpokenHistoryTests {
    static let pcm: [UInt8] = [1, 2, 3, 4, 5, 6, 7, 8]
    static let event = #"""
        {"candidates":[{"content":{"parts":[{"inlineData":{"mimeType":"audio/L16;codec=pcm;rate=16000","data":"AQIDBAUGBwg="}}]},
        "finishReason":"STOP"}]}
        """#

    private struct Known: AudioSource {
        var all: [RememberedAudio]
        func audio(id: String) -> RememberedAudio? { all.first { $0.id == id } }
    }

    /// What is remembered of one answer, and the id that the client read.
    private func remembered(isStream: Bool, format: ResponsePlan.AudioFormat) throws -> RememberedAnswer {
        let bytes = Array(Self.event.utf8)
        var tape = JSONTape()
        try tape.parse(bytes.span)
        var plan = ResponsePlan()
        plan.audioFormat = format
        var identifiers = IdentifierSource(seed: (1, 2))
        var writer = JSONWriter()
        let answer: RememberedAnswer
        if isStream {
            var translator = StreamTranslator(plan: plan, now: 0)
            translator.remembersAudio = true
            translator.translate(tape.document(of: bytes.span), identifiers: &identifiers, into: &writer)
            _ = translator.finish(into: &writer)
            answer = translator.remembered
        } else {
            var translator = ResponseTranslator(plan: plan, now: 0)
            translator.remembersAudio = true
            _ = translator.translate(tape.document(of: bytes.span), identifiers: &identifiers, into: &writer)
            answer = translator.remembered
        }
        let text = String(decoding: writer.output.array(), as: UTF8.self)
        let id = try #require(answer.audio.first?.id)
        #expect(text.contains(#""id":"\#(id)""#))
        return answer
    }

    private func sent(_ message: String, _ known: [RememberedAudio]) throws -> String {
        let user = #"{"role":"user","content":"Hi"}"#
        let bytes = Array(#"{"model":"gemini-2.5-flash","messages":[\#(user),\#(message),\#(user)]}"#.utf8)
        var tape = JSONTape()
        try tape.parse(bytes.span)
        let json = tape.document(of: bytes.span)
        let profile = ModelProfiles.defaults.profile(for: "gemini-2.5-flash")
        let target = TranslationTarget(service: .vertex, profile: profile, model: "gemini-2.5-flash")
        var translator = RequestTranslator()
        var notes = NoteTaker.off
        _ = try translator.translate(
            ChatCompletionRequest(json), of: json, to: target, audio: Known(all: known), notes: &notes
        )
        return String(decoding: translator.writer.output.array(), as: UTF8.self)
    }

    @Test(
        "In whatever form the client got it, it goes back as a WAV file that says its own rate",
        arguments: [false, true], [ResponsePlan.AudioFormat.pcm16, .wav])
    func comesBack(isStream: Bool, format: ResponsePlan.AudioFormat) throws {
        let answer = try remembered(isStream: isStream, format: format)
        let audio = try #require(answer.audio.first)
        #expect(answer.audio.count == 1)
        #expect(audio.id.hasPrefix("audio_") && audio.id.utf8.count == 30)
        #expect(audio.content.count == 44 + Self.pcm.count && audio.content.suffix(8) == Self.pcm[...])
        #expect(audio.content[24..<28] == [0x80, 0x3E, 0, 0])  // 16000
        let file = String(decoding: Base64.encode(audio.content.span), as: UTF8.self)
        let body = try sent(#"{"role":"assistant","audio":{"id":"\#(audio.id)"}}"#, answer.audio)
        let part = #"{"inlineData":{"mimeType":"audio/wav","data":"\#(file)"}}"#
        #expect(body.contains(#"{"role":"model","parts":[\#(part)]}"#))
    }

    @Test("Sound that is no PCM comes back as what it was (MSG-017, AUD-005)")
    func encoded() throws {
        let known = RememberedAudio(id: "audio_1", content: [1, 2, 3], mimeType: "audio/mpeg")
        let body = try sent(#"{"role":"assistant","audio":{"id":"audio_1"}}"#, [known])
        #expect(body.contains(#"[{"inlineData":{"mimeType":"audio/mp3","data":"AQID"}}]"#))
    }

    @Test("It stands before the message's text, and an unknown id is left out")
    func besideText() throws {
        let known = RememberedAudio(id: "audio_1", content: [1, 2, 3])
        let both = try sent(#"{"role":"assistant","content":"Hello.","audio":{"id":"audio_1"}}"#, [known])
        #expect(both.contains(#"[{"inlineData":{"mimeType":"audio/wav","data":"AQID"}},{"text":"Hello."}]"#))
        let one = try sent(#"{"role":"assistant","content":"Hello.","audio":{"id":"audio_2"}}"#, [known])
        #expect(one.contains(#""parts":[{"text":"Hello."}]"#))
        for id in ["null", "7", "{}", "\"\""] {
            let other = try sent(#"{"role":"assistant","content":"Hello.","audio":{"id":\#(id)}}"#, [known])
            #expect(other.contains(#""parts":[{"text":"Hello."}]"#))
        }
    }
}
