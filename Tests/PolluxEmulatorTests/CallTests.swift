import Testing

@testable import PolluxEmulator

@Suite("Emulator: function calls")
struct CallTests {
    static let third = Asking.vertex.with(model: "gemini-3-flash-preview")
    static let parts = "candidates.0.content.parts."

    static func calls(_ heard: Heard) -> [String] {
        (0..<9).compactMap { index in
            guard let name = heard[parts + "\(index).functionCall.name"] else { return nil }
            return name + (heard[parts + "\(index).functionCall.args"] ?? "")
        }
    }

    static let tools = #"""
        "tools":[{"functionDeclarations":[{"name":"get_weather","parametersJsonSchema":{"type":"object","properties":
        {"city":{"type":"string"}},"required":["city"]}},{"name":"send_email","parameters":{"type":"OBJECT","properties":
        {"to_address":{"type":"STRING"}}}},{"name":"noArguments"}]}]
        """#

    static let asked: [(text: String, config: String, calls: [String])] = [
        ("Hello", "", []),
        ("How is the weather in Oslo today?", "", [#"get_weather{"city":"Oslo"}"#]),
        ("What's the weather in New York?", "", [#"get_weather{"city":"New York"}"#]),
        (
            "Weather in Paris and London?", "",
            [#"get_weather{"city":"Paris"}"#, #"get_weather{"city":"London"}"#]
        ),
        ("Please use a tool.", "", [#"get_weather{"city":"Paris"}"#]),
        ("Run noArguments now", "", ["noArguments{}"]),
        ("How is the weather in Oslo?", #"{"mode":"NONE"}"#, []),
        ("Hello", #"{"mode":"ANY"}"#, [#"get_weather{"city":"Paris"}"#]),
        ("Weather?", #"{"mode":"ANY","allowedFunctionNames":["noArguments"]}"#, ["noArguments{}"]),
        ("Weather?", #"{"mode":"VALIDATED","allowedFunctionNames":["noArguments"]}"#, []),
        ("The weather?", #"{"mode":"VALIDATED"}"#, [#"get_weather{"city":"Paris"}"#]),
    ]

    @Test("Functions are called when the text or the mode asks for it", arguments: asked.indices)
    func calls(index: Int) {
        let (text, config, calls) = Self.asked[index]
        let more = config.isEmpty ? "" : #","toolConfig":{"functionCallingConfig":\#(config)}"#
        #expect(Self.calls(Self.third.ask(says(text, Self.tools + more))) == calls)
    }

    @Test("The first call of a step carries the signature, and each its id on Gemini 3")
    func marks() {
        let heard = Self.third.ask(says("Weather in Paris and London?", Self.tools))
        #expect(heard[Self.parts + "0.thoughtSignature"] != nil)
        #expect(heard[Self.parts + "1.thoughtSignature"] == nil)
        #expect(heard[Self.parts + "0.functionCall.id"]?.hasPrefix("function-call-") == true)
        #expect(heard[Self.parts + "0.functionCall.id"] != heard[Self.parts + "1.functionCall.id"])
        let older = Asking.vertex.ask(says("Weather in Paris?", Self.tools))
        #expect(older[Self.parts + "0.functionCall.name"] == "get_weather")
        #expect(older[Self.parts + "0.functionCall.id"] == nil)
    }

    @Test("Where a call must come, one that was not made yet comes first, so that a loop gets to its last function")
    func loopsThatMustCall() {
        func ask(after names: String...) -> [String] {
            let turns = names.map {
                #"""
                ,{"role":"model","parts":[{"functionCall":{"name":"\#($0)","args":{}}}]},
                {"role":"user","parts":[{"functionResponse":{"name":"\#($0)","response":{"output":"x"}}}]}
                """#
            }
            let heard = Asking.vertex.ask(
                #"""
                {"contents":[{"role":"user","parts":[{"text":"The weather in Oslo?"}]}\#(turns.joined())],\#(Self.tools),
                "toolConfig":{"functionCallingConfig":{"mode":"ANY","allowedFunctionNames":["get_weather","noArguments"]}}}
                """#)
            return Self.calls(heard)
        }
        #expect(ask() == [#"get_weather{"city":"Oslo"}"#])
        #expect(ask(after: "get_weather") == ["noArguments{}"])
        #expect(ask(after: "get_weather", "noArguments") == [#"get_weather{"city":"Oslo"}"#])
    }

    @Test("Results are quoted in a closing text")
    func closing() {
        let heard = Asking.vertex.ask(
            #"""
            {"contents":[{"role":"user","parts":[{"text":"The weather in Oslo?"}]},
            {"role":"model","parts":[{"functionCall":{"name":"get_weather","args":{"city":"Oslo"}}}]},
            {"role":"user","parts":[{"functionResponse":{"name":"get_weather","response":{"output": "12 C"}}}]}],
            \#(Self.tools)}
            """#
        )
        #expect(
            heard[Self.parts + "0.text"]?.hasPrefix(#"The function get_weather returned {"output":"12 C"}."#)
                == true
        )
    }

    @Test(
        "What looks like a place in a text",
        arguments: [
            ("Weather in Paris, London and Rome", ["Paris", "London", "Rome"]),
            ("I fly from San Francisco to New York on Monday", ["San Francisco", "New York"]),
            ("what is up", []),
            ("Tell me about Reykjavík", ["Reykjavík"]),
        ])
    func places(text: String, places: [String]) {
        #expect(TextHints(text).places == places)
    }
}
