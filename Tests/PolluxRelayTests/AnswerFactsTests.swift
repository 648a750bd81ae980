import PolluxJSON
import PolluxOpenAIWire
import PolluxRelay
import PolluxTranslation
import Testing

@Suite("What self-deployed models tell of their answers")
struct AnswerFactsTests {
    private func facts(_ answer: String) -> AnswerFacts {
        let bytes = Array(answer.utf8)
        var facts = AnswerFacts()
        var tape = JSONTape()
        do throws(JSONError) {
            try tape.parse(bytes.span)
            facts.note(tape.document(of: bytes.span))
        } catch {
            Issue.record("\(error.reason) at byte \(error.offset)")
        }
        return facts
    }

    /// The facts of a stream, and whether it went out as it came.
    private func streamed(_ events: [String], normalizes: Bool = false) -> (facts: AnswerFacts, isUntouched: Bool) {
        var settings = RelaySettings()
        settings.normalizes = normalizes
        var stream = RelayedStream(settings, model: nil, choices: 1, credential: .gateway)
        var identifiers = IdentifierSource(seed: (1, 2))
        var tape = JSONTape()
        var writer = JSONWriter()
        for event in events {
            _ = stream.read(Array(event.utf8).span, identifiers: &identifiers, tape: &tape, into: &writer)
        }
        return (stream.facts, String(copying: writer.output.span) == events.joined())
    }

    @Test("The counts of a whole answer are read by kind (SELF-030, SELF-032)")
    func whole() {
        let facts = facts(
            #"""
            {"choices":[{"index":0,"finish_reason":"length"}],"usage":{"prompt_tokens":5,"completion_tokens":4,
            "total_tokens":9,"prompt_tokens_details":{"cached_tokens":3,"audio_tokens":1},
            "completion_tokens_details":{"reasoning_tokens":2,"audio_tokens":null}}}
            """#)
        #expect(facts.finishReason == .length)
        #expect(facts.usage?.promptTokens == 5)
        #expect(facts.usage?.completionTokens == 4)
        #expect(facts.usage?.cachedTokens == 3)
        #expect(facts.usage?.promptAudioTokens == 1)
        #expect(facts.usage?.reasoningTokens == 2)
        #expect(facts.usage?.completionAudioTokens == nil)
    }

    @Test("What looks like counts inside of a text, or of a deeper object, is none")
    func lookalikes() {
        #expect(facts(#"{"choices":[{"message":{"content":"\"usage\":{\"prompt_tokens\":7}"}}]}"#).usage == nil)
        #expect(facts(#"{"choices":[{"message":{"usage":{"prompt_tokens":7}}}]}"#).usage == nil)
        let event = "data: {\"choices\":[{\"delta\":{\"usage\":{\"prompt_tokens\":7}}}]}\n\n"
        #expect(streamed([event]).facts.usage == nil)
    }

    @Test(
        "Counts that cannot be are none, or the most there may be",
        arguments: [
            ("-5", 0), ("\"7\"", 0), ("9e99", 0), ("1.5", 0), ("null", 0), ("9223372036854775807", 1_000_000_000),
            ("7.0", 7),
        ])
    func counts(text: String, expected: Int) {
        let usage = facts("{\"usage\":{\"prompt_tokens\":\(text),\"completion_tokens\":\(text)}}").usage
        #expect(usage?.promptTokens == expected)
        #expect(usage?.completionTokens == expected)
    }

    @Test("What is no answer tells nothing", arguments: ["[]", "7", #"{"usage":3,"choices":"none"}"#])
    func nothing(answer: String) {
        let facts = facts(answer)
        #expect(facts.usage == nil)
        #expect(facts.finishReason == nil)
        #expect(facts.finished.isEmpty)
    }

    @Test("The last counts of a stream hold, and it goes out as it came (SELF-040, SELF-044)")
    func stream() {
        func event(_ tokens: Int) -> String {
            "data: {\"choices\":[],\"usage\" : {\"prompt_tokens\":5,\"completion_tokens\":\(tokens)}}\n\n"
        }
        let end = "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}],\"usage\":null}\n\n"
        let (facts, isUntouched) = streamed([event(1), event(2), end, event(3)])
        #expect(facts.usage?.completionTokens == 3)
        #expect(facts.finishReason == .stop)
        #expect(isUntouched)
        #expect(streamed([end]).facts.usage == nil)
    }

    @Test(
        "TGI's ends are told in OpenAI's words, and an unknown word is not told (SELF-031)",
        arguments: [
            ("eos_token", FinishReason.stop), ("stop_sequence", .stop), ("length", .length), ("abort", nil),
        ] as [(String, FinishReason?)])
    func words(word: String, expected: FinishReason?) {
        #expect(facts("{\"choices\":[{\"finish_reason\":\"\(word)\"}]}").finishReason == expected)
    }

    @Test("Where answers are repaired, the end of calls is told as one (SELF-031, SELF-042)")
    func calls() {
        let call = #"data: {"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"name":"f"}}]}}]}"#
        let end = #"data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"#
        let events = [call + "\n\n", end + "\n\n"]
        #expect(streamed(events, normalizes: true).facts.finishReason == .toolCalls)
        #expect(streamed(events).facts.finishReason == .stop)
    }
}
