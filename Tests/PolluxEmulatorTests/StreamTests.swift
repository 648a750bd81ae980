import Testing

@testable import PolluxEmulator

@Suite("Emulator: streams")
struct StreamTests {
    static let bodies = [
        says("Hello, größe 🌞"), says("a", config: #"{"thinkingConfig":{"includeThoughts":true}}"#),
        says("a", config: #"{"maxOutputTokens":9}"#), says("Call a tool", #""tools":[\#(weatherTool)]"#),
        says("a", config: #"{"responseMimeType":"application/json"}"#),
        says("a", config: #"{"candidateCount":2}"#),
        says("a", config: #"{"stopSequences":["This"]}"#),
    ]

    @Test("A stream put together is the whole answer", arguments: bodies)
    func folded(body: String) throws {
        let whole = Asking.vertex.ask(body)
        let stream = Asking.vertex.stream(body)
        #expect(stream.contentType == "text/event-stream")
        var texts: [String: String] = [:]
        var calls: [String] = []
        var finished: [String: String] = [:]
        var total = 0
        for event in stream.events {
            let index = try #require(read(event, "candidates.0.index"))
            #expect(finished[index] == nil, "nothing follows the finish reason")
            if let text = read(event, "candidates.0.content.parts.0.text") {
                let isThought = read(event, "candidates.0.content.parts.0.thought") == "true"
                texts[isThought ? "thought" : index, default: ""] += text
            }
            if let call = read(event, "candidates.0.content.parts.0.functionCall") { calls.append(call) }
            if let reason = read(event, "candidates.0.finishReason") { finished[index] = reason }
            let tokens = try #require(read(event, "usageMetadata.totalTokenCount").flatMap { Int($0) })
            #expect(tokens >= total, "usage is cumulative")
            total = tokens
        }
        #expect(finished["0"] == whole["candidates.0.finishReason"])
        #expect(whole["usageMetadata.totalTokenCount"] == String(total))
        let hasThought = whole["candidates.0.content.parts.0.thought"] == "true"
        if hasThought { #expect(texts["thought"] == whole["candidates.0.content.parts.0.text"]) }
        let answer = hasThought ? 1 : 0
        #expect(texts["0"] == whole["candidates.0.content.parts.\(answer).text"])
        #expect(texts["1"] == whole["candidates.1.content.parts.\(answer).text"])
        #expect(calls.first == whole["candidates.0.content.parts.0.functionCall"])
    }

    @Test("Text comes in several pieces")
    func pieces() { #expect(Asking.vertex.stream(says("a")).events.count > 5) }

    @Test("Without alt=sse a stream is an array, and so is its error (ERR-002)")
    func array() {
        var asking = Asking.vertex
        asking.method = "streamGenerateContent"
        let heard = asking.ask(says("a"))
        #expect(heard.contentType.hasPrefix("application/json"))
        #expect(heard["0.candidates.0.content.role"] == "model")
        #expect(heard["1.candidates.0.content.role"] == "model")
        #expect(asking.ask("{}")["0.error.code"] == "400")
        #expect(Asking.vertex.stream("{}")["error.code"] == "400")
    }

    @Test("Arguments of calls are streamed on demand, and add up to the whole call (STREAM, partialArgs)")
    func arguments() throws {
        let tools =
            #""tools":[{"functionDeclarations":[{"name":"go","parametersJsonSchema":{"type":"object","properties":{"city":{"type":"string"},"n":{"type":"integer"},"deep":{"type":"object","properties":{"a b":{"type":"boolean"}}}}}}]}]"#
        let config =
            #""toolConfig":{"functionCallingConfig":{"mode":"ANY","streamFunctionCallArguments":true}}"#
        let asking = Asking.vertex.with(model: "gemini-3-flash-preview")
        let stream = asking.stream(says("Go to Castrop-Rauxel with 7 people", tools + "," + config))
        let call = "candidates.0.content.parts.0.functionCall"
        #expect(read(stream.events[0], call + ".name") == "go")
        #expect(read(stream.events[0], call + ".willContinue") == "true")
        #expect(read(stream.events.last ?? [], call) == "{}")
        var city = ""
        for event in stream.events where read(event, call + ".partialArgs.0.jsonPath") == "$.city" {
            city += read(event, call + ".partialArgs.0.stringValue") ?? ""
        }
        #expect(city == "Castrop-Rauxel")
        let paths = stream.events.compactMap { read($0, call + ".partialArgs.0.jsonPath") }
        #expect(Set(paths) == ["$.city", "$.n", "$.deep['a b']"])
        // Older models and the other service tell calls whole.
        #expect(read(Asking.vertex.stream(says("Go", tools + "," + config)).events[0], call + ".args") != nil)
    }
}
