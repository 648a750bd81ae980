import PolluxJSON
import PolluxOpenAIWire
import PolluxTranslation
import Testing

@Suite("Notes say what became of each field")
struct NoteTests {
    func notes(_ text: String, model: String = "gemini-2.5-flash") throws -> [TranslationNote] {
        let bytes = Array(text.utf8)
        var tape = JSONTape()
        try tape.parse(bytes.span)
        let json = tape.document(of: bytes.span)
        let target = TranslationTarget(
            service: .vertex, profile: ModelProfiles.defaults.profile(for: model), model: model
        )
        var translator = RequestTranslator()
        var notes = NoteTaker(isOn: true)
        _ = try translator.translate(ChatCompletionRequest(json), of: json, to: target, notes: &notes)
        return notes.notes
    }

    @Test("Fields without effect are named, known or not (GEN-002, REQ-026, REQ-028, REQ-032)")
    func ignored() throws {
        let text = #"{"messages":[{"role":"user","content":"x"}],"user":"u","store":true,"made_up":1,"logit_bias":{}}"#
        let ignored = try notes(text).filter { $0.fate == .ignored }.map(\.path)
        #expect(ignored == ["user", "store", "made_up", "logit_bias"])
    }

    @Test("What a model does not take is a loss (REQ-006, THINK-003)")
    func losses() throws {
        let text = #"{"messages":[{"role":"user","content":"x"}],"temperature":0.5,"reasoning_effort":"low"}"#
        #expect(try notes(text).filter(\.isLoss).isEmpty)
        #expect(try notes(text, model: "gemini-3.6-flash").filter(\.isLoss).map(\.path) == ["temperature"])
        #expect(try notes(text, model: "gemini-2.0-flash").filter(\.isLoss).map(\.path) == ["reasoning_effort"])
    }

    @Test("What was mended is told (MSG-022, TOOL-047, SIG-012)")
    func repairs() throws {
        let text = #"""
            {"messages":[{"role":"user","content":"x"},{"role":"assistant","tool_calls":[{"id":"a","type":"function",
            "function":{"name":"f","arguments":"{broken"}}]},{"role":"tool","tool_call_id":"a","content":"1"},
            {"role":"assistant","content":"so"}]}
            """#
        let repaired = try notes(text, model: "gemini-3.6-flash").filter { $0.fate == .repaired }.map(\.rule)
        #expect(repaired == ["TOOL-047", "SIG-012", "MSG-022"])
    }
}
