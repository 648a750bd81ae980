import PolluxJSON
import PolluxOpenAIWire
import PolluxTranslation
import Testing

@Suite("How much a model thinks")
struct ThinkingTests {
    /// The body that an effort becomes.
    private func sent(_ effort: String, to model: String) throws -> String {
        let bytes = Array(#"{"messages":[{"role":"user","content":"x"}],"reasoning_effort":"\#(effort)"}"#.utf8)
        var tape = JSONTape()
        try tape.parse(bytes.span)
        let json = tape.document(of: bytes.span)
        let profile = ModelProfiles.defaults.profile(for: model)
        let target = TranslationTarget(service: .vertex, profile: profile, model: model)
        var translator = RequestTranslator()
        var notes = NoteTaker.off
        _ = try translator.translate(ChatCompletionRequest(json), of: json, to: target, notes: &notes)
        return String(decoding: translator.writer.output.array(), as: UTF8.self)
    }

    static let efforts = ["none", "minimal", "low", "medium", "high", "xhigh", "max"]

    @Test(
        "Gemini 2.5 has a budget, within what the model takes (THINK-001, THINK-002, THINK-004)",
        arguments: [
            ("gemini-2.5-flash", [0, 1024, 1024, 8192, 24576, 24576, 24576]),
            ("gemini-2.5-flash-preview-09-2025", [0, 1024, 1024, 8192, 24576, 24576, 24576]),
            ("gemini-2.5-flash-lite", [0, 1024, 1024, 8192, 24576, 24576, 24576]),
            ("gemini-2.5-pro", [128, 1024, 1024, 8192, 24576, 24576, 24576]),
        ])
    func budgets(model: String, budgets: [Int]) throws {
        for (effort, budget) in zip(Self.efforts, budgets) {
            let body = try sent(effort, to: model)
            let expected = #""generationConfig":{"thinkingConfig":{"thinkingBudget":\#(budget)}}}"#
            #expect(body.hasSuffix(expected), "\(effort)")
        }
    }

    @Test(
        "Gemini 3 has levels, in capitals, of those that the model lists (THINK-001, THINK-002, THINK-006)",
        arguments: [
            ("gemini-3-flash-preview", "MINIMAL MINIMAL LOW MEDIUM HIGH HIGH HIGH"),
            ("gemini-3.5-flash", "MINIMAL MINIMAL LOW MEDIUM HIGH HIGH HIGH"),
            ("gemini-3-pro-preview", "LOW LOW LOW HIGH HIGH HIGH HIGH"),
            ("gemini-3.1-pro-preview", "LOW LOW LOW MEDIUM HIGH HIGH HIGH"),
            ("gemini-3.1-flash-image-preview", "MINIMAL MINIMAL MINIMAL HIGH HIGH HIGH HIGH"),
            ("gemini-3.7-flash", "LOW LOW LOW MEDIUM HIGH HIGH HIGH"),
            ("gemini-flash-latest", "LOW LOW LOW MEDIUM HIGH HIGH HIGH"),
            ("gemini-9-ultra", "LOW LOW LOW MEDIUM HIGH HIGH HIGH"),
        ])
    func levels(model: String, levels: String) throws {
        for (effort, level) in zip(Self.efforts, levels.split(separator: " ")) {
            let body = try sent(effort, to: model)
            let expected = #""generationConfig":{"thinkingConfig":{"thinkingLevel":"\#(level)"}}}"#
            #expect(body.hasSuffix(expected), "\(effort)")
        }
    }

    @Test(
        "Models that do not think are not told how (THINK-003)",
        arguments: ["gemini-2.0-flash", "gemini-2.5-flash-image", "gemini-2.5-flash-preview-tts", "gemma-3-27b-it"])
    func none(model: String) throws {
        for effort in Self.efforts { #expect(!(try sent(effort, to: model)).contains("thinkingConfig"), "\(effort)") }
    }
}
