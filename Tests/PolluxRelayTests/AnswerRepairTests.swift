import PolluxJSON
import PolluxRelay
import PolluxTranslation
import Testing

/// The repaired answer, with each new id written as `ID`; `nil` when the container's own bytes are to be sent.
private func repaired(
    _ answer: String, model: String? = nil, _ configure: (inout RelaySettings) -> Void = { $0.normalizes = true }
) throws -> String? {
    var settings = RelaySettings()
    configure(&settings)
    var repair = AnswerRepair(settings, model: model, isStream: false)
    var identifiers = IdentifierSource(seed: (1, 2))
    var writer = JSONWriter()
    let bytes = Array(answer.utf8)
    var tape = JSONTape()
    try tape.parse(bytes.span)
    guard repair.write(tape.document(of: bytes.span), identifiers: &identifiers, into: &writer) else { return nil }
    return String(copying: writer.output.span).replacing(/function-call-[0-9a-f-]{36}/, with: "ID")
}

@Suite("Whole answers of self-deployed models")
struct AnswerRepairTests {
    static func answer(_ message: String, finish: String = "stop", object: String = "chat.completion") -> String {
        #"{"object":"\#(object)","choices":[{"index":0,"message":\#(message),"finish_reason":"\#(finish)"}]}"#
    }

    @Test(
        "An answer that is right stays as it is, with all that vLLM adds (SELF-031, SELF-032)",
        arguments: [
            answer(#"{"role":"assistant","content":"a","reasoning":"r","reasoning_content":null,"tool_calls":[]}"#),
            answer(
                #"{"tool_calls":[{"id":"call_1","type":"function","function":{"name":"f","arguments":"{}"}}]}"#,
                finish: "tool_calls"),
            #"{"object":"chat.completion","choices":[{"finish_reason":"length","stop_reason":7,"token_ids":[1]}],"prompt_logprobs":[null],"kv_transfer_params":{}}"#,
        ])
    func untouched(answer: String) throws { #expect(try repaired(answer) == nil) }

    @Test("What the answer is called (SELF-031)", arguments: ["", "text_completion", "chat.completion.chunk"])
    func object(name: String) throws {
        #expect(try repaired(Self.answer("{}", object: name)) == Self.answer("{}"))
        #expect(try repaired(#"{"choices":[]}"#) == #"{"choices":[],"object":"chat.completion"}"#)
    }

    @Test("TGI's words for the end (SELF-031)", arguments: ["eos_token", "stop_sequence"])
    func finish(word: String) throws { #expect(try repaired(Self.answer("{}", finish: word)) == Self.answer("{}")) }

    @Test("Tool calls get an id, a type, arguments as text, and the finish reason tool_calls (SELF-031)")
    func calls() throws {
        let message = """
            {"role":"assistant","content":null,"tool_calls":[{"id":"0","type":"function","function":{"description":null,"name":"f","arguments":{"city": "Oslo \\"x\\""}}},\
            {"function":{"name":"g","arguments":"{}"}},{"id":0,"type":null,"function":{"name":"h","arguments":{}}},{"id":"own","function":{}}]}
            """
        let expected = """
            {"role":"assistant","content":null,"tool_calls":[{"id":"ID","type":"function","function":{"description":null,"name":"f","arguments":"{\\"city\\":\\"Oslo \\\\\\"x\\\\\\"\\"}"}},\
            {"id":"ID","type":"function","function":{"name":"g","arguments":"{}"}},{"id":"ID","type":"function","function":{"name":"h","arguments":"{}"}},\
            {"id":"own","type":"function","function":{}}]}
            """
        for word in ["eos_token", "stop"] {
            #expect(
                try repaired(Self.answer(message, finish: word)) == Self.answer(expected, finish: "tool_calls"))
        }
    }

    @Test("The model is what the container says, unless the client's own is wanted (SELF-033)")
    func model() throws {
        let answer = #"{"object":"x","model":"container","choices":[]}"#
        #expect(try repaired(answer, model: "mine")?.contains(#""model":"container""#) == true)
        let echoed = try repaired(answer, model: "mine") { $0.echoesModel = true }
        #expect(echoed == #"{"object":"x","model":"mine","choices":[]}"#)
        #expect(try repaired(#"{"model":"mine"}"#, model: "mine") { $0.echoesModel = true } == nil)
    }
}
