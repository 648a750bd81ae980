import Testing

@testable import PolluxEmulator

@Suite("Emulator: answers")
struct AnswerTests {
    static let part = "candidates.0.content.parts.0."
    static let third = Asking.vertex.with(model: "gemini-3-flash-preview")

    @Test("An answer says who gives it and what was received")
    func text() throws {
        let body = #"""
            {"systemInstruction":{"parts":[{"text":"Be nice."}]},"contents":[{"role":"user","parts":[
            {"text":"What is this?"},{"inlineData":{"mimeType":"image/jpeg","data":"\#(String(repeating: "A", count: 16460))"}},
            {"fileData":{"mimeType":"application/pdf","fileUri":"gs://bucket/file.pdf"}}]}]}
            """#
        let heard = Asking.vertex.ask(body)
        let text = try #require(heard[Self.part + "text"])
        for piece in [
            "Pollux emulator", "gemini-2.5-flash with 1 message and a system instruction of 8 characters",
            "\"What is this?\"", "an image/jpeg of 12,345 bytes",
            "an application/pdf at gs://bucket/file.pdf",
        ] {
            #expect(text.contains(piece), "\(text)")
        }
        #expect(heard["candidates.0.finishReason"] == "STOP")
        #expect(heard["candidates.0.content.role"] == "model")
        #expect(heard["usageMetadata.promptTokensDetails.1"] == #"{"modality":"IMAGE","tokenCount":258}"#)
        #expect(heard["usageMetadata.promptTokensDetails.2.modality"] == "DOCUMENT")
    }

    @Test("The same seed and request give the same bytes, another seed gives others")
    func deterministic() {
        var other = Asking.vertex
        other.seed = 7
        #expect(Asking.vertex.ask(says("a")).bytes == Asking.vertex.ask(says("a")).bytes)
        #expect(Asking.vertex.ask(says("a")).bytes != other.ask(says("a")).bytes)
    }

    @Test("Each service adds its own members")
    func members() {
        let vertex = Asking.vertex.ask(says("a"))
        let developer = Asking.developer.ask(says("a"))
        #expect(vertex["usageMetadata.trafficType"] == "ON_DEMAND")
        #expect(vertex["createTime"] == "2026-03-21T18:11:55Z")
        #expect(developer["usageMetadata.serviceTier"] == "standard")
        #expect(developer["createTime"] == nil)
        #expect(developer["modelVersion"] == "gemini-2.5-flash")
    }

    @Test("Tokens add up", arguments: ["gemini-2.0-flash", "gemini-2.5-flash", "gemini-3-flash-preview"])
    func usage(model: String) {
        let heard = Asking.vertex.with(model: model).ask(says("a"))
        let count = { (name: String) in heard["usageMetadata." + name].flatMap { Int($0) } ?? 0 }
        #expect(
            count("totalTokenCount")
                == count("promptTokenCount") + count("candidatesTokenCount") + count("thoughtsTokenCount")
        )
        #expect(count("thoughtsTokenCount") > 0 || model == "gemini-2.0-flash")
    }

    @Test("The limit of tokens cuts, and says so")
    func maximum() throws {
        let heard = Asking.vertex.ask(
            says("a", config: #"{"maxOutputTokens":3,"thinkingConfig":{"thinkingBudget":0}}"#)
        )
        #expect(heard[Self.part + "text"] == "This is the ")
        #expect(heard["candidates.0.finishReason"] == "MAX_TOKENS")
        #expect(heard["usageMetadata.candidatesTokenCount"] == "3")
    }

    @Test("A stop sequence ends the text and is not part of it")
    func stop() {
        let heard = Asking.vertex.ask(says("a", config: #"{"stopSequences":["model","Pollux"]}"#))
        #expect(heard[Self.part + "text"] == "This is the ")
        #expect(heard["candidates.0.finishReason"] == "STOP")
    }

    @Test("Thoughts come first when they were asked for")
    func thoughts() {
        let heard = Asking.vertex.ask(says("a", config: #"{"thinkingConfig":{"includeThoughts":true}}"#))
        #expect(heard[Self.part + "thought"] == "true")
        #expect(heard["candidates.0.content.parts.1.thought"] == nil)
        #expect(heard["candidates.0.content.parts.1.thoughtSignature"] != nil)
        #expect(heard[Self.part + "thoughtSignature"] == nil)
    }

    @Test("Several candidates differ and are numbered")
    func candidates() {
        let heard = Asking.vertex.ask(says("a", config: #"{"candidateCount":3}"#))
        #expect(heard["candidates.2.index"] == "2")
        #expect(heard["candidates.2.content.parts.0.text"] != heard[Self.part + "text"])
    }

    @Test("Log probabilities are told token by token")
    func logprobs() throws {
        let heard = Asking.vertex.ask(
            says("a", config: #"{"responseLogprobs":true,"logprobs":3,"maxOutputTokens":40}"#)
        )
        var text = ""
        var index = 0
        while let token = heard["candidates.0.logprobsResult.chosenCandidates.\(index).token"] {
            text += token
            index += 1
        }
        #expect(text == heard[Self.part + "text"])
        #expect(heard["candidates.0.logprobsResult.topCandidates.0.candidates.2.token"] != nil)
        #expect(heard["candidates.0.logprobsResult.topCandidates.0.candidates.3"] == nil)
    }

    @Test("Grounded sentences are found again by their byte offsets")
    func grounding() throws {
        let heard = Asking.vertex.ask(says("Größe – 🌞?", #""tools":[{"googleSearch":{}}]"#))
        let text = Array(try #require(heard[Self.part + "text"]).utf8)
        let supports = "candidates.0.groundingMetadata.groundingSupports."
        var index = 0
        while let sentence = heard[supports + "\(index).segment.text"] {
            let start = heard[supports + "\(index).segment.startIndex"].flatMap { Int($0) } ?? 0
            let end = try #require(heard[supports + "\(index).segment.endIndex"].flatMap { Int($0) })
            #expect(text[start..<end].elementsEqual(sentence.utf8))
            index += 1
        }
        #expect(index == 3)
        #expect(heard["candidates.0.groundingMetadata.webSearchQueries.0"] == "Größe – 🌞?")
    }

    @Test("A picture is a PNG, sound is 24 kHz PCM")
    func media() throws {
        let picture = Asking.vertex.with(model: "gemini-2.5-flash-image").ask(
            says("Draw", config: #"{"responseModalities":["TEXT","IMAGE"]}"#)
        )
        #expect(picture["candidates.0.content.parts.1.inlineData.mimeType"] == "image/png")
        let base64 = try #require(picture["candidates.0.content.parts.1.inlineData.data"])
        let png = try #require(Base64.decoded(Array(base64.utf8)))
        #expect(png.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]))
        let sound = Asking.developer.with(model: "gemini-2.5-flash-preview-tts").ask(
            says("Speak", config: #"{"responseModalities":["AUDIO"]}"#)
        )
        #expect(sound[Self.part + "inlineData.mimeType"] == "audio/L16;codec=pcm;rate=24000")
        let samples = try #require(sound[Self.part + "inlineData.data"])
        #expect(Base64.decoded(Array(samples.utf8))?.count.isMultiple(of: 2) == true)
    }

    @Test("Checksums are those of the standards")
    func checksums() {
        #expect(Picture.crc32(Array("123456789".utf8)) == 0xCBF4_3926)
        #expect(Picture.adler32(Array("Wikipedia".utf8)) == 0x11E6_0398)
        #expect(Base64.encoded(Array("Pollux".utf8)) == Array("UG9sbHV4".utf8))
        #expect(Base64.encoded([0xFF, 0xEE]) == Array("/+4=".utf8))
        #expect(Base64.decoded(Array("_-4".utf8)) == [0xFF, 0xEE])
    }

    @Test(
        "Moments are written as Google writes them",
        arguments: [
            (0, "1970-01-01T00:00:00Z"), (951_782_400, "2000-02-29T00:00:00Z"),
            (1_774_116_715, "2026-03-21T18:11:55Z"),
            (-1, "1969-12-31T23:59:59Z"),
        ])
    func timestamps(seconds: Int, text: String) {
        #expect(Timestamp.text(seconds: seconds) == text)
    }
}
