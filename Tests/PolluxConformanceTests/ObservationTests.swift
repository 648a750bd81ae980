import PolluxJSON
import Testing

@testable import PolluxConformance

@Suite("What a client sees of an answer")
struct ObservationTests {
    private func stream(_ body: String) -> JSONValue {
        Observation.make(
            status: 200, headers: [(name: "Content-Type", value: "text/event-stream")], body: Array(body.utf8), sent: []
        )
    }

    private func chunk(_ delta: String, finish: String = "null", index: Int = 0) -> String {
        "data: {\"choices\":[{\"index\":\(index),\"delta\":\(delta),\"finish_reason\":\(finish)}]}\n\n"
    }

    @Test("Texts are appended, also a role that is said twice")
    func texts() {
        let seen = stream(
            chunk(#"{"role":"assistant","content":"a"}"#) + chunk(#"{"role":"assistant","content":"b"}"#)
                + chunk("{}", finish: "\"stop\"") + "data: [DONE]\n\n"
        )
        #expect(seen["message"]?["content"] == .string("ab"))
        #expect(seen["message"]?["role"] == .string("assistantassistant"))
        #expect(seen["finish_reason"] == .string("stop"))
        #expect(seen["ending"] == .string("done") && seen["done"] == .number("1"))
    }

    @Test("Calls are found by their index; without one each delta is a call of its own")
    func calls() {
        let first =
            #"{"tool_calls":[{"index":0,"id":"c","type":"function","function":{"name":"f","arguments":"{\"a\""}}]}"#
        let second = #"{"tool_calls":[{"index":0,"function":{"arguments":":1}"}}]}"#
        let calls = stream(chunk(first) + chunk(second))["message"]?["tool_calls"]
        #expect(
            calls
                == json(#"[{"index":0,"id":"c","type":"function","function":{"name":"f","arguments":"{\"a\":1}"}}]"#)
        )
        let bare = #"{"tool_calls":[{"function":{"arguments":"x"}}]}"#
        #expect(stream(chunk(bare) + chunk(bare))["message"]?["tool_calls"]?.elements?.count == 2)
    }

    @Test("Choices are apart, by index")
    func choices() {
        let seen = stream(chunk(#"{"content":"b"}"#, index: 1) + chunk(#"{"content":"a"}"#))
        #expect(seen["choices"]?.elements?.map { $0["message"]?["content"] } == [.string("a"), .string("b")])
    }

    @Test("An error ends a stream, and a stream without an end was cut")
    func endings() {
        #expect(stream(chunk("{}") + "data: {\"error\":{\"message\":\"x\"}}\n\n")["ending"] == .string("error"))
        #expect(stream(chunk("{}"))["ending"] == .string("cut"))
        #expect(stream("data: [DONE]\n\n" + chunk("{}"))["ending"] == .string("cut"))
    }

    @Test("A whole answer is looked at as it is")
    func whole() {
        let body = #"{"choices":[{"message":{"content":"a"},"finish_reason":"stop"}],"usage":{"total_tokens":3}}"#
        let seen = Observation.make(status: 200, headers: [], body: Array(body.utf8), sent: [])
        #expect(seen["message"]?["content"] == .string("a") && seen["usage"]?["total_tokens"] == .number("3"))
        #expect(Observation.make(status: 502, headers: [], body: Array("<p>".utf8), sent: [])["body"] == .string("<p>"))
    }
}
