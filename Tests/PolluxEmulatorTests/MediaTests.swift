import PolluxJSON
import Testing

@testable import PolluxEmulator

@Suite("Emulator: pictures, speech and media that come in")
struct MediaTests {
    static func data(_ heard: Heard, part: Int = 0) -> [UInt8] {
        let text = heard["candidates.0.content.parts.\(part).inlineData.data"] ?? ""
        return Base64.decoded(Array(text.utf8)) ?? []
    }

    static func number(_ bytes: [UInt8], at place: Int) -> Int {
        bytes[place..<place + 4].reduce(0) { $0 << 8 | Int($1) }
    }

    @Test(
        "A picture has the proportions that were asked for",
        arguments: [("1:1", "1K", 256, 256), ("16:9", "1K", 336, 192), ("9:16", "2K", 384, 672)])
    func proportions(ratio: String, size: String, width: Int, height: Int) {
        let heard = Asking.developer.with(model: "gemini-3-pro-image-preview").ask(
            says(
                "A castle",
                config:
                    #"{"responseModalities":["IMAGE"],"imageConfig":{"aspectRatio":"\#(ratio)","imageSize":"\#(size)"}}"#
            ))
        let png = Self.data(heard)
        #expect(Self.number(png, at: 16) == width)
        #expect(Self.number(png, at: 20) == height)
    }

    @Test("The prompt is drawn: other words make another picture, the same words the same one")
    func prompt() {
        let asking = Asking.vertex.with(model: "gemini-2.5-flash-image")
        let first = Self.data(asking.ask(says("A red castle")), part: 1)
        #expect(first == Self.data(asking.ask(says("A red castle")), part: 1))
        #expect(first != Self.data(asking.ask(says("A red house")), part: 1))
        #expect(PixelFont.rows("a") == PixelFont.rows("A"))
        #expect(PixelFont.rows("ß").count == PixelFont.height)
        #expect(PixelFont.rows(" ").allSatisfy { $0 == 0 })
    }

    @Test("Several pictures when several are asked for")
    func several() {
        let heard = Asking.vertex.with(model: "gemini-2.5-flash-image").ask(says("Draw [[emulate: images=3]]"))
        #expect(heard["candidates.0.content.parts.3.inlineData"] != nil)
        #expect(heard["candidates.0.content.parts.4"] == nil)
    }

    @Test("Speech is as long as its text, in parts, and differs by voice")
    func speech() throws {
        func samples(_ text: String, _ voice: String = "Kore") -> [UInt8] {
            let heard = Asking.developer.with(model: "gemini-2.5-flash-preview-tts").ask(
                says(
                    text, config: #"{"speechConfig":{"voiceConfig":{"prebuiltVoiceConfig":{"voiceName":"\#(voice)"}}}}"#
                ))
            return (0..<50).flatMap { Self.data(heard, part: $0) }
        }
        let short = samples("Hello")
        #expect(short.count == 2 * (2 * 3000 + 1200))
        #expect(samples("Hello there, my friend").count > 2 * short.count)
        #expect(samples("Hello", "Puck") != short)
        #expect(short.contains { $0 != 0 })
    }

    @Test(
        "Media that no model takes is refused", arguments: ["image/gif", "application/zip", "application/vnd.ms-excel"])
    func kinds(type: String) {
        let parts = #"{"contents":[{"role":"user","parts":[{"inlineData":{"mimeType":"\#(type)","data":"AAAA"}}]}]}"#
        #expect(Asking.developer.ask(parts)["error.message"] == "Unsupported MIME type: \(type)")
        #expect(Asking.vertex.ask(parts)["error.message"]?.contains("which is not supported") == true)
    }

    @Test("An image above the limit of Vertex AI is refused there")
    func size() {
        let data = String(repeating: "AAAA", count: RequestRules.maximumInlineImageBytes / 3 + 1)
        let parts =
            #"{"contents":[{"role":"user","parts":[{"inlineData":{"mimeType":"image/png","data":"\#(data)"}}]}]}"#
        #expect(Asking.vertex.ask(parts).status == 400)
        #expect(Asking.developer.ask(parts).status == 200)
    }

    @Test("Models answer in the modalities that they have")
    func modalities() {
        func ask(_ model: String, _ words: String) -> Int {
            Asking.developer.with(model: model).ask(says("a", config: #"{"responseModalities":[\#(words)]}"#)).status
        }
        #expect(ask("gemini-2.5-flash", #""TEXT""#) == 200)
        #expect(ask("gemini-2.5-flash", #""IMAGE""#) == 400)
        #expect(ask("gemini-2.5-flash", #""AUDIO""#) == 400)
        #expect(ask("gemini-2.5-flash-image", #""IMAGE""#) == 200)
        #expect(ask("gemini-2.5-flash-preview-tts", #""AUDIO""#) == 200)
        #expect(ask("gemini-2.5-flash-preview-tts", #""TEXT""#) == 400)
    }
}
