import Testing

@testable import PolluxEmulator

@Suite("Emulator: what a prompt may ask for")
struct DirectiveTests {
    static let part = "candidates.0.content.parts.0."

    @Test("Every finish reason can be had", arguments: FinishReason.all.map(\.rawValue))
    func finishReasons(word: String) {
        for asking in [Asking.vertex, .developer] {
            let heard = asking.ask(says("Tell me. [[emulate: finish=\(word)]]"))
            #expect(heard["candidates.0.finishReason"] == word, "\(heard.text)")
            let stream = asking.stream(says("Tell me. [[emulate: finish=\(word)]]"))
            #expect(read(stream.events.last ?? [], "candidates.0.finishReason") == word)
        }
    }

    @Test("A blocked answer names the category, a recited one its source")
    func blockedAnswers() {
        let safety = Asking.vertex.ask(says("[[emulate: finish=SAFETY]]"))
        #expect(safety["candidates.0.safetyRatings.0.blocked"] == "true")
        let recited = Asking.vertex.ask(says("[[emulate: finish=RECITATION]]"))
        #expect(recited["candidates.0.citationMetadata.citations.0.uri"] == Citations.uri)
        let developer = Asking.developer.ask(says("[[emulate: finish=RECITATION]]"))
        #expect(developer["candidates.0.citationMetadata.citationSources.0.uri"] == Citations.uri)
    }

    @Test("A blocked prompt has feedback and no candidate", arguments: PromptBlock.reasons.sorted())
    func blockedPrompts(reason: String) {
        let heard = Asking.vertex.ask(says("[[emulate: block=\(reason)]]"))
        #expect(heard.status == 200)
        #expect(heard["promptFeedback.blockReason"] == reason)
        #expect(heard["candidates"] == nil)
        #expect(heard["usageMetadata.promptTokenCount"] != nil)
        #expect(Asking.developer.stream(says("[[emulate: block]]")).events.count == 1)
    }

    @Test("Text, length and alternatives of an answer")
    func texts() {
        #expect(Asking.vertex.ask(says(#"Hi [[emulate: say=\"It is Paris.\"]]"#))[Self.part + "text"] == "It is Paris.")
        let json = says(##"[[emulate: say=\"{\\\"a\\\": \\\"C:\\\\\\\\x\\\"}\"]]"##)
        #expect(Asking.vertex.ask(json)[Self.part + "text"] == #"{"a": "C:\\x"}"#)
        let long = Asking.vertex.ask(says("[[emulate: words=500]]"))[Self.part + "text"] ?? ""
        #expect(long.split(separator: " ").count == 500)
    }

    @Test("A word that is no directive is refused, so that no test waits for it")
    func unknown() {
        for text in ["finish=DONE", "dance", "words=many", "calls=1000", "block=X"] {
            #expect(Asking.vertex.ask(says("[[emulate: \(text)]]")).status == 400)
        }
        #expect(Asking.vertex.ask(says("[[emulate: cite")).status == 400)
        #expect(Asking.vertex.ask(says("[[a wiki link]]")).status == 200)
    }

    @Test("So many calls, and so many steps until the text")
    func loops() {
        let tools = #""tools":[\#(weatherTool)]"#
        let several = Asking.vertex.ask(says("Go [[emulate: calls=3]]", tools))
        for index in 0..<3 {
            #expect(several["candidates.0.content.parts.\(index).functionCall.name"] == "get_weather")
        }
        #expect(several["candidates.0.content.parts.3"] == nil)
        var contents = #"{"role":"user","parts":[{"text":"Go [[emulate: steps=2]]"}]}"#
        var calls = 0
        while calls < 9 {
            let heard = Asking.vertex.ask(#"{"contents":[\#(contents)],\#(tools)}"#)
            guard heard[Self.part + "functionCall"] != nil else { break }
            calls += 1
            contents +=
                #",{"role":"model","parts":[{"functionCall":{"name":"get_weather","args":{}}}]}"#
                + #",{"role":"user","parts":[{"functionResponse":{"name":"get_weather","response":{}}}]}"#
        }
        #expect(calls == 2)
    }

    @Test("Functions joined by then are called one after the other")
    func sequence() {
        let tools =
            #""tools":[{"functionDeclarations":[{"name":"send_mail"},{"name":"find_person"}]}]"#
        let first = #"{"role":"user","parts":[{"text":"Call find_person, then send_mail."}]}"#
        let start = Asking.vertex.ask(#"{"contents":[\#(first)],\#(tools)}"#)
        #expect(start[Self.part + "functionCall.name"] == "find_person")
        let done =
            #"{"role":"model","parts":[{"functionCall":{"name":"find_person"}}]}"#
            + #",{"role":"user","parts":[{"functionResponse":{"name":"find_person","response":{}}}]}"#
        let next = Asking.vertex.ask(#"{"contents":[\#(first),\#(done)],\#(tools)}"#)
        #expect(next[Self.part + "functionCall.name"] == "send_mail")
    }

    @Test("Code that was run comes as code, output and text")
    func code() {
        let tool = #""tools":[{"codeExecution":{}}]"#
        let heard = Asking.vertex.ask(says("Calculate the sum of 20 and 22", tool))
        #expect(heard[Self.part + "executableCode.language"] == "PYTHON")
        #expect(heard["candidates.0.content.parts.1.codeExecutionResult.output"] == "42\n")
        #expect(heard["candidates.0.content.parts.2.text"] != nil)
        #expect(heard["usageMetadata.toolUsePromptTokenCount"] == "1")
        #expect(Asking.vertex.ask(says("Hello", tool))[Self.part + "text"] != nil)
    }

    @Test("Addresses that were read are told")
    func urls() {
        let heard = Asking.developer.ask(says("Read https://example.com/a please", #""tools":[{"urlContext":{}}]"#))
        #expect(
            heard["candidates.0.urlContextMetadata.urlMetadata.0.retrievedUrl"] == "https://example.com/a")
    }

    @Test("Supports and citations count bytes, with thoughts before them and emoji inside", arguments: [true, false])
    func offsets(stream: Bool) throws {
        let body = says(
            "Wo ist 🌍? [[emulate: cite]]",
            #""tools":[{"googleSearch":{}}],"generationConfig":{"thinkingConfig":{"includeThoughts":true}}"#)
        let asking = Asking.vertex
        let end = stream ? asking.stream(body).events.last ?? [] : asking.ask(body).bytes
        let whole = asking.ask(body)
        #expect(whole["candidates.0.content.parts.0.thought"] == "true")
        let text = Array(try #require(whole["candidates.0.content.parts.1.text"]).utf8)
        #expect(read(end, "candidates.0.citationMetadata.citations.0.endIndex") != nil)
        var index = 0
        while let support = read(end, "candidates.0.groundingMetadata.groundingSupports.\(index).segment.text") {
            let path = "candidates.0.groundingMetadata.groundingSupports.\(index).segment."
            let start = Int(read(end, path + "startIndex") ?? "0") ?? 0
            let stop = try #require(read(end, path + "endIndex").flatMap { Int($0) })
            #expect(text[start..<stop].elementsEqual(support.utf8))
            #expect(read(end, path + "partIndex") == "1")
            index += 1
        }
        #expect(index == 3)
    }
}
