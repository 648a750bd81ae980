import PolluxJSON
import PolluxOpenAIWire
import PolluxRelay
import PolluxTranslation
import Testing

/// What clients get of some events; ids that are new are written as `ID`.
private struct Relayed {
    var output = ""
    var readings: [RelayedStream.Reading] = []
    var isComplete = false

    init(_ events: [String], choices: Int = 1, model: String? = nil, _ configure: (inout RelaySettings) -> Void) {
        var settings = RelaySettings()
        configure(&settings)
        var stream = RelayedStream(settings, model: model, choices: choices, credential: .gateway)
        var identifiers = IdentifierSource(seed: (1, 2))
        var tape = JSONTape()
        var writer = JSONWriter()
        for event in events {
            let bytes = Array(event.utf8)
            readings.append(stream.read(bytes.span, identifiers: &identifiers, tape: &tape, into: &writer))
        }
        output = String(copying: writer.output.span).replacing(/function-call-[0-9a-f-]{36}/, with: "ID")
        isComplete = stream.isComplete
    }
}

private func chunk(_ delta: String, finish: String? = nil, object: String = "chat.completion.chunk") -> String {
    let reason = finish.map { "\"\($0)\"" } ?? "null"
    return
        "data: {\"object\":\"\(object)\",\"choices\":[{\"index\":0,\"delta\":\(delta),\"finish_reason\":\(reason)}]}\n\n"
}

@Suite("Streams of self-deployed models")
struct RelayedStreamTests {
    @Test("Events are relayed byte for byte, whatever they hold (SELF-040, SELF-032, SELF-044)")
    func untouched() {
        let events = [
            ": ping\r\n\r\n", "data:{\"choices\" : [ ]}\r\n\r\n", "event: x\ndata: {\"a\":\ndata: 1}\n\n",
            "data: not even JSON\n\n", chunk("{\"reasoning\":\"\\\"finish_reason\\\": \\\"stop\\\"\"}"),
            "data: {\"choices\":[],\"usage\":{\"total_tokens\":7}}\n\n",
        ]
        let relayed = Relayed(events) { _ in }
        #expect(relayed.output == events.joined())
        #expect(relayed.readings == [.comment, .chunk, .chunk, .chunk, .chunk, .chunk])
        #expect(!relayed.isComplete)
    }

    @Test("A stream is complete when every choice that was asked for has its end (SELF-041)", arguments: [false, true])
    func completeness(normalizes: Bool) {
        let ends = (0..<3).map {
            "data: {\"choices\":[{\"index\":\($0),\"delta\":{},\"finish_reason\" : \"stop\"}]}\n\n"
        }
        for count in 0...3 {
            let relayed = Relayed(Array(ends.prefix(count)), choices: 3) { $0.normalizes = normalizes }
            #expect(relayed.isComplete == (count == 3))
        }
    }

    @Test(
        "An empty word is no end: a stream that breaks off after it is not whole (SELF-041)", arguments: [false, true])
    func emptyReason(normalizes: Bool) {
        let events = [chunk("{\"content\":\"a\"}", finish: ""), chunk("{\"content\":\"b\"}", finish: "")]
        #expect(!Relayed(events) { $0.normalizes = normalizes }.isComplete)
        #expect(Relayed(events + [chunk("{}", finish: "stop")]) { $0.normalizes = normalizes }.isComplete)
    }

    @Test("An error in the stream is told as one, in whatever words (SELF-043)", arguments: [false, true])
    func errors(normalizes: Bool) {
        let cases: [(String, Int, String?)] = [
            (#"data:{"error":"Request failed during generation","error_type":"generation"}"#, 500, "generation"),
            (#"data: {"error":"Model is overloaded","error_type":"overloaded"}"#, 429, "overloaded"),
            (
                #"data: { "error" : {"message":"m","type":"InternalServerError","param":null,"code":500}}"#, 500,
                "upstream_error"
            ),
            (
                #"data: {"object":"error","message":"m","type":"BadRequestError","param":"n","code":400}"#, 400,
                "invalid_value"
            ),
            (
                #"data: {"id":"a","error":{"code":"server_error","message":"m"},"choices":[{"index":0,"delta":{},"finish_reason":"error"}]}"#,
                500, "server_error"
            ),
        ]
        for (event, status, code) in cases {
            let relayed = Relayed([event + "\n\n"]) { $0.normalizes = normalizes }
            guard case .failed(let error) = relayed.readings.first else {
                Issue.record("\(event): \(relayed.readings)")
                continue
            }
            #expect(error.status == status)
            #expect(error.code == code)
            #expect(relayed.output.isEmpty)
        }
    }

    @Test("TGI's deltas: role, id, type and name are sent once; the end is tool_calls (SELF-042)")
    func calls() {
        func delta(_ arguments: String, id: String = "0") -> String {
            #"{"role":"assistant","tool_calls":[{"index":0,"id":"\#(id)","type":"function","function":{"name":"f","arguments":"\#(arguments)"}}]}"#
        }
        let first =
            #"{"role":"assistant","tool_calls":[{"id":"ID","type":"function","index":0,"function":{"name":"f","arguments":"{"}}]}"#
        let relayed = Relayed([
            chunk(delta("{")), chunk(delta("}")),
            chunk("{\"role\":\"assistant\",\"content\":\"\"}", finish: "eos_token"),
        ]) { $0.normalizes = true }
        #expect(
            relayed.output
                == chunk(first) + chunk(#"{"tool_calls":[{"index":0,"function":{"arguments":"}"}}]}"#)
                + chunk("{\"content\":\"\"}", finish: "tool_calls"))
        #expect(relayed.isComplete)
    }

    @Test("A call that TGI streams as an object becomes an array, and gets an index (SELF-042)")
    func callAsObject() {
        let delta = #"{"tool_calls":{"id":"","function":{"name":"f","arguments":"{}"}}}"#
        let relayed = Relayed([chunk(delta, object: "text_completion"), "data: [DONE]\n\n"]) { $0.normalizes = true }
        let call = #"{"tool_calls":[{"index":0,"id":"ID","type":"function","function":{"name":"f","arguments":"{}"}}]}"#
        #expect(relayed.output == chunk(call) + "data: [DONE]\n\n")
        #expect(relayed.readings == [.chunk, .done])
    }

    @Test("Two calls, and two choices, are told apart (SELF-042)")
    func places() {
        func event(_ choice: Int, _ call: Int) -> String {
            #"data: {"object":"chat.completion.chunk","choices":[{"index":\#(choice),"delta":{"role":"assistant","tool_calls":[{"index":\#(call),"id":"a\#(call)","type":"function","function":{"name":"f","arguments":""}}]}}]}"#
                + "\n\n"
        }
        let relayed = Relayed([event(0, 0), event(0, 1), event(1, 0)], choices: 2) { $0.normalizes = true }
        #expect(relayed.output.split(separator: #""name":"f""#).count == 4)
        #expect(relayed.output.split(separator: #""role""#).count == 3)
    }

    @Test("Calls that come without an index are told apart by their ids, and go on without one (SELF-042, STREAM-030)")
    func placesByIdentifier() {
        func delta(_ call: String) -> String { chunk(#"{"tool_calls":[\#(call)]}"#) }
        let relayed = Relayed([
            delta(#"{"id":"a","type":"function","function":{"name":"f","arguments":"{}"}}"#),
            delta(#"{"id":"b","type":"function","function":{"name":"f","arguments":"{"}}"#),
            delta(#"{"id":"b","type":"function","function":{"name":"f","arguments":"\"x\":"}}"#),
            delta(#"{"function":{"arguments":"1}"}}"#),
        ]) { $0.normalizes = true }
        #expect(
            relayed.output
                == delta(#"{"index":0,"id":"a","type":"function","function":{"name":"f","arguments":"{}"}}"#)
                + delta(#"{"index":1,"id":"b","type":"function","function":{"name":"f","arguments":"{"}}"#)
                + delta(#"{"index":1,"function":{"arguments":"\"x\":"}}"#)
                + delta(#"{"index":1,"function":{"arguments":"1}"}}"#))
    }

    @Test("What is right already is not written anew (SELF-042), and the model only when it is wanted (SELF-033)")
    func repairOnlyWhatMust() {
        let event = "data:  { \"object\":\"chat.completion.chunk\", \"model\":\"m\",\"choices\":[]}\r\n\r\n"
        #expect(Relayed([event], model: "mine") { $0.normalizes = true }.output == event)
        let echoed = Relayed([event], model: "mine") { $0.echoesModel = true }
        #expect(echoed.output == "data: {\"object\":\"chat.completion.chunk\",\"model\":\"mine\",\"choices\":[]}\n\n")
    }

    @Test("An event that cannot be read is told where it must be repaired (SELF-042)")
    func unreadable() {
        #expect(Relayed(["data: {\"a\n\n"]) { $0.normalizes = true }.readings == [.unreadable])
    }

    @Test("At a proper end the last blank line may be missing; half an event is dropped (SELF-040)")
    func rest() {
        func read(_ rest: String, isBareJSON: Bool = false) -> (RelayedStream.Reading, String) {
            var stream = RelayedStream(RelaySettings(), model: nil, choices: 1, credential: .gateway)
            var identifiers = IdentifierSource(seed: (1, 2))
            var tape = JSONTape()
            var writer = JSONWriter()
            let reading = stream.readRest(
                Array(rest.utf8), isBareJSON: isBareJSON, identifiers: &identifiers, tape: &tape, into: &writer)
            return (reading, String(copying: writer.output.span))
        }
        #expect(read("data: [DONE]") == (.done, "data: [DONE]\n\n"))
        #expect(read("data: {\"a\":1}") == (.chunk, "data: {\"a\":1}\n\n"))
        #expect(read("data: {\"a\":") == (.comment, ""))
        guard case .failed(let error) = read(#"[{"error":{"code":429,"message":"m"}}]"#, isBareJSON: true).0 else {
            Issue.record("bare JSON is an error (STREAM-008)")
            return
        }
        #expect(error.status == 429)
    }

    @Test("A whole answer where a stream was asked for becomes one chunk and the end (STREAM-062)")
    func whole() {
        var stream = RelayedStream(RelaySettings(), model: nil, choices: 1, credential: .gateway)
        var identifiers = IdentifierSource(seed: (1, 2))
        var tape = JSONTape()
        var writer = JSONWriter()
        let answer = Array(
            #"{"object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant","content":"a"},"finish_reason":"stop"}]}"#
                .utf8)
        let reading = stream.readWhole(answer.span, identifiers: &identifiers, tape: &tape, into: &writer)
        #expect(reading == .chunk)
        let output = String(copying: writer.output.span)
        #expect(output == chunk(#"{"role":"assistant","content":"a"}"#, finish: "stop") + "data: [DONE]\n\n")
    }
}
