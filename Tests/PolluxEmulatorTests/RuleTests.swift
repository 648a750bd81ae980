import Testing

@testable import PolluxEmulator

@Suite("Emulator: rules of a request")
struct RuleTests {
    static let call = #"{"role":"model","parts":[{"functionCall":{"name":"f","args":{}}}]}"#
    static let result = #"{"role":"user","parts":[{"functionResponse":{"name":"f","response":{"a":1}}}]}"#
    static let user = #"{"role":"user","parts":[{"text":"a"}]}"#
    static let parts = #"[{"inlineData":{"displayName":"a.png","mimeType":"image/png","data":"iVBORw0KGgo="}}]"#

    static func result(pointingTo name: String, parts: String = "[]") -> String {
        let response = ##"{"a":[{"$ref":"\##(name)"}]}"##
        return #"{"role":"user","parts":[{"functionResponse":{"name":"f","response":\#(response),"parts":\#(parts)}}]}"#
    }
    static let model = #"{"role":"model","parts":[{"text":"a"}]}"#
    static let functions = #""tools":[{"functionDeclarations":[{"name":"f"}]}]"#
    static let skip = "c2tpcF90aG91Z2h0X3NpZ25hdHVyZV92YWxpZGF0b3I="
    static let context = "context_engineering_is_the_way_to_go"

    static func contents(_ contents: String...) -> String {
        #"{"contents":[\#(contents.joined(separator: ","))]}"#
    }

    static func signedCall(_ signature: String) -> String {
        #"{"role":"model","parts":[{"functionCall":{"name":"f"},"thoughtSignature":"\#(signature)"}]}"#
    }

    static let third = Asking.vertex.with(model: "gemini-3-flash-preview")

    static let accepted: [(Asking, String)] = [
        (.vertex, contents(user, call, result)),
        (.vertex, contents(user, call)),
        (third, contents(user, signedCall(skip), result(pointingTo: "a.png", parts: parts))),
        (.vertex, contents(user, call, call, result, result)),
        (.vertex, contents(user, model, user)),
        (.vertex, contents(user, model)),
        (.vertex.with(model: "gemini-3.5-flash"), contents(user, model)),
        (third, contents(user, signedCall(skip), result)),
        (third, contents(user, signedCall("skip_thought_signature_validator"), result)),
        (.developer.with(model: "gemini-3-flash-preview"), contents(user, signedCall(context), result)),
        (third, contents(user, call, result, user)),
        (third, says("a", config: #"{"responseMimeType":"application/json"}"#)),
        (third, says("a", config: #"{"thinkingConfig":{"thinkingBudget":100}}"#)),
        (.vertex, says("a", config: #"{"thinkingConfig":{"thinkingBudget":0}}"#)),
        (.vertex, says("a", config: #"{"candidateCount":3,"presencePenalty":1}"#)),
        (.developer, #"{"contents":[{"parts":[{"text":"no role"}]}]}"#),
    ]

    @Test("Good requests pass", arguments: accepted.indices)
    func accepts(index: Int) {
        let (asking, body) = Self.accepted[index]
        let heard = asking.ask(body)
        #expect(heard.status == 200, "\(body) \(heard.text)")
    }

    static let refused: [(Asking, String, String)] = [
        (.vertex, "{}", "at least one contents field is required"),
        (
            third, contents(user, signedCall(skip), result(pointingTo: "#/$defs/a", parts: parts)),
            "The referenced name `#/$defs/a` in function_response.response does not match to a display_name in the "
                + "function_response.parts."
        ),
        (.developer, #"{"contents":[]}"#, "* GenerateContentRequest.contents: contents is not specified"),
        (
            .vertex, #"{"contents":[{"role":"assistant","parts":[{"text":"a"}]}]}"#,
            "Please use a valid role: user, model."
        ),
        (.vertex, #"{"contents":[{"parts":[{"text":"a"}]}]}"#, "Please use a valid role: user, model."),
        (.vertex, #"{"contents":[{"role":"user"}]}"#, "must include at least one parts field"),
        (.vertex, #"{"contents":[{"role":"user","parts":[{}]}]}"#, "at least one initialized parts field"),
        (
            .developer, #"{"contents":[{"parts":[{"thought":true}]}]}"#,
            "contents[0].parts[0].data: required oneof field 'data' must have one initialized field"
        ),
        (
            .vertex, #"{"contents":[{"role":"user","parts":[{"inlineData":{"data":"AAAA"}}]}]}"#,
            "must have a mimeType parameter"
        ),
        // Calls and their results.
        (.vertex, contents(user, call, user), "the number of function response parts is equal"),
        (.vertex, contents(user, call, result, result), "the number of function response parts is equal"),
        (.vertex, contents(user, result), "comes immediately after a function call turn"),
        (
            .vertex, contents(#"{"role":"user","parts":[{"functionCall":{"name":"f"}}]}"#),
            "have the role model"
        ),
        (
            .vertex, contents(#"{"role":"model","parts":[{"functionCall":{}}]}"#),
            "function_call.name: Name cannot be empty"
        ),
        // Signatures (08 section 6).
        (third, contents(user, call, result), "is missing a `thought_signature`"),
        (
            .developer.with(model: "gemini-3-flash-preview"), contents(user, call, result),
            "Function call is missing a thought_signature in functionCall parts."
        ),
        (third, contents(user, signedCall("AAAA"), result), "Corrupted thought signature."),
        (third, contents(user, signedCall(context), result), "Corrupted thought signature."),
        // What a family of models does not do (00 section 5).
        (
            .vertex.with(model: "gemini-3.6-flash"), contents(user, model),
            "ending with a model turn are not supported"
        ),
        (
            third, says("a", config: #"{"candidateCount":2}"#),
            "Multiple candidates is not enabled for this model"
        ),
        (third, says("a", config: #"{"frequencyPenalty":1}"#), "Penalty is not enabled for this model"),
        (
            .vertex, says("a", config: #"{"thinkingConfig":{"thinkingLevel":"LOW"}}"#),
            "level is not supported"
        ),
        (
            third, says("a", config: #"{"thinkingConfig":{"thinkingLevel":"LOW","thinkingBudget":1}}"#),
            "only one of thinking budget and thinking level"
        ),
        (
            .vertex.with(model: "gemini-3-pro-preview"),
            says("a", config: #"{"thinkingConfig":{"thinkingLevel":"MINIMAL"}}"#),
            "Thinking level MINIMAL is not supported"
        ),
        (
            .vertex.with(model: "gemini-2.5-pro"),
            says("a", config: #"{"thinkingConfig":{"thinkingBudget":0}}"#),
            "Budget 0 is invalid"
        ),
        (
            .vertex, says("a", config: #"{"thinkingConfig":{"thinkingBudget":99999}}"#),
            "The thinking budget 99999 is invalid. Please choose a value between 1 and 24576."
        ),
        (
            .vertex.with(model: "gemini-2.0-flash"),
            says("a", config: #"{"thinkingConfig":{"includeThoughts":true}}"#),
            "Thinking is not supported by this model"
        ),
        // Ranges.
        (.vertex, says("a", config: #"{"temperature":2.5}"#), "temperature value of 2.5"),
        (.vertex, says("a", config: #"{"topP":-0.1}"#), "topP value of -0.1"),
        (.vertex, says("a", config: #"{"candidateCount":9}"#), "candidateCount value of 9"),
        (.vertex, says("a", config: #"{"maxOutputTokens":0}"#), "maxOutputTokens value of 0"),
        (
            .vertex, says("a", config: #"{"stopSequences":["1","2","3","4","5","6"]}"#),
            "more than 5 stop sequences"
        ),
        (.vertex, says("a", config: #"{"logprobs":3}"#), "response_logprobs is not true"),
        // Output forms.
        (
            .vertex, says("a", config: #"{"responseSchema":{"type":"STRING"}}"#),
            "only allowed when response_mime_type"
        ),
        (
            .vertex,
            says(
                "a",
                config:
                    #"{"responseMimeType":"application/json","responseSchema":{"type":"STRING"},"responseJsonSchema":{}}"#
            ),
            "Only one of response_schema and response_json_schema may be set."
        ),
        (
            .vertex,
            says("a", config: #"{"responseMimeType":"application/json","responseSchema":{"type":"ARRAY"}}"#),
            "generation_config.response_schema.items: missing field."
        ),
        (.vertex, says("a", config: #"{"responseMimeType":"text/html"}"#), "allowed mimetypes are"),
        (
            .vertex, says("a", functions + #","generationConfig":{"responseMimeType":"application/json"}"#),
            "Function calling with a response mime type: 'application/json' is unsupported"
        ),
        // Tools.
        (
            .vertex, says("a", #""tools":[{"functionDeclarations":[{"name":"1f"}]}]"#),
            "Invalid function name."
        ),
        (
            .vertex, says("a", #""tools":[{"functionDeclarations":[{"name":"f"},{"name":"f"}]}]"#),
            "Duplicate function declaration found: f"
        ),
        (
            .vertex,
            says(
                "a",
                #""tools":[{"functionDeclarations":[{"name":"f","parameters":{"type":"OBJECT"},"parametersJsonSchema":{}}]}]"#
            ),
            "only one of parameters and parameters_json_schema may be set"
        ),
        (
            .vertex, says("a", #""tools":[{"functionDeclarations":[{"name":"f"}]},{"googleSearch":{}}]"#),
            "Multiple tools are supported only when they are all search tools."
        ),
        (
            .developer.with(model: "gemini-3-flash-preview"),
            says("a", #""tools":[{"functionDeclarations":[{"name":"f"}]},{"google_search":{}}]"#),
            "include_server_side_tool_invocations"
        ),
        (
            .vertex,
            says(
                "a",
                functions
                    + #","toolConfig":{"functionCallingConfig":{"mode":"ANY","allowedFunctionNames":["g"]}}"#),
            "Allowed function name g is not in the function declarations."
        ),
        (
            .vertex, says("a", #""cachedContent":"c","systemInstruction":{"parts":[{"text":"s"}]}"#),
            "should not be set in the request when using cached content"
        ),
        (
            .vertex,
            says("a", #""systemInstruction":{"parts":[{"inlineData":{"mimeType":"image/png","data":""}}]}"#),
            "system_instruction only supports text parts."
        ),
    ]

    @Test("Requests that the service would refuse are refused in its words", arguments: refused.indices)
    func refuses(index: Int) {
        let (asking, body, message) = Self.refused[index]
        let heard = asking.ask(body)
        #expect(heard.status == 400, "\(body)")
        #expect(heard["error.message"]?.contains(message) == true, "\(heard.text)")
    }

    @Test("A signature that was issued comes back whole or is refused")
    func signatures() throws {
        let first = Self.third.ask(says("Call the tool", #""tools":[\#(weatherTool)]"#))
        let part = "candidates.0.content.parts.0."
        let call = try #require(first[part + "functionCall"])
        let signature = try #require(first[part + "thoughtSignature"])
        func second(_ signature: String) -> Heard {
            let turn =
                #"{"role":"model","parts":[{"functionCall":\#(call),"thoughtSignature":"\#(signature)"}]}"#
            let answer =
                #"{"role":"user","parts":[{"functionResponse":{"name":"get_weather","response":{"c":1}}}]}"#
            return Self.third.ask(Self.contents(Self.user, turn, answer))
        }
        #expect(second(signature).status == 200)
        let bytes = Array(signature.utf8)
        for index in bytes.indices {
            var changed = bytes
            changed[index] = bytes[index] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
            let heard = second(String(decoding: changed, as: UTF8.self))
            #expect(heard["error.message"] == "Corrupted thought signature.")
        }
        #expect(second(String(signature.dropLast(4))).status == 400)
    }

    @Test(
        "Models are known by the longest start of their names",
        arguments: [
            ("gemini-2.5-flash-lite-001", 512), ("gemini-2.5-flash-002", 1), ("gemini-2.5-pro", 128),
        ])
    func traits(model: String, minimum: Int) {
        guard case .budget(let range, _, _) = ModelTraits(model: model).thinking else {
            Issue.record("\(model) has a budget")
            return
        }
        #expect(range.lowerBound == minimum)
        #expect(ModelTraits(model: "gemini-2.5-flash-image").thinking == .none)
        #expect(ModelTraits(model: "gemini-2.5-flash-preview-tts").makesSpeech)
        #expect(ModelTraits(model: "gemini-9-ultra").isThirdGeneration)
        #expect(!ModelTraits(model: "gemma-3-27b").isThirdGeneration)
    }
}
