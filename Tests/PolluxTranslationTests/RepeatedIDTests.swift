import Foundation
import PolluxJSON
import PolluxTranslation
import Testing

@Suite("Histories whose calls share one id")
struct RepeatedIDTests {
    private static let count = 60_000
    private static let call = #"{"id":"a","type":"function","function":{"name":"f","arguments":"{}"}}"#
    private static let result = #"{"role":"tool","tool_call_id":"a","content":"1"}"#

    private func translated(_ messages: [String], _ members: String = "") throws -> String {
        let golden = try GoldenCase(GoldenTests.root.appending(path: "general/null-is-absent"))
        let body = #"{"model":"gemini-2.5-flash","messages":[\#(messages.joined(separator: ","))]\#(members)}"#
        return golden.translate(request: Array(body.utf8)).text
    }

    @Test("A result too few is told in a time that grows with their number (TOOL-032)", .timeLimit(.minutes(1)))
    func missing() throws {
        let calls = Array(repeating: Self.call, count: Self.count).joined(separator: ",")
        let messages =
            [#"{"role":"user","content":"x"}"#, #"{"role":"assistant","tool_calls":[\#(calls)]}"#]
            + Array(repeating: Self.result, count: Self.count - 1)
        #expect(try translated(messages).contains("did not have response messages: a"))
    }

    @Test("Results before their calls find them in a time that grows with their number", .timeLimit(.minutes(1)))
    func before() throws {
        let pair = [#"{"role":"assistant","tool_calls":[\#(Self.call)]}"#, #"{"role":"user","content":"y"}"#]
        let messages =
            Array(repeating: Self.result, count: Self.count)
            + Array(repeating: pair, count: Self.count).flatMap { $0 }
        let text = try translated(messages, #","extra_body":{"pollux":{"repair":true}}"#)
        #expect(text.split(separator: "functionResponse").count == Self.count + 1)
        #expect(!text.contains("Result of an earlier tool call"))
    }

    @Test("A result goes to the nearest call before it, else behind it, and each call gets one")
    func nearest() throws {
        func calling(_ name: String) -> [String] {
            [
                #"{"role":"assistant","tool_calls":[{"id":"a","type":"function","function":{"name":"\#(name)"}}]}"#,
                #"{"role":"user","content":"y"}"#,
            ]
        }
        func told(_ text: String) -> String { #"{"role":"tool","tool_call_id":"a","content":"\#(text)"}"# }
        let messages =
            [told("first")] + calling("one") + calling("two") + calling("three") + [told("second"), told("third")]
        let text = try translated(messages, #","extra_body":{"pollux":{"repair":true}}"#)
        for (name, output) in [("one", "first"), ("three", "second"), ("two", "third")] {
            #expect(
                text.contains(#"{"functionResponse":{"name":"\#(name)","response":{"output":"\#(output)"}}}"#),
                "\(text)")
        }
    }
}
