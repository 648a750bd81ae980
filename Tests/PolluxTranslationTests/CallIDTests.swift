import PolluxJSON
import PolluxTranslation
import Testing

@Suite("Ids of calls")
struct CallIDTests {
    private static let count = 5_000

    @Test(
        "Of very many calls with one id each gets its own, in a time that grows with their number (TOOL-041)",
        .timeLimit(.minutes(1)), arguments: [true, false])
    func many(inOneEvent: Bool) throws {
        let part = #"{"functionCall":{"id":"c","name":"f","args":{"a":1}}}"#
        let events =
            inOneEvent
            ? [Array(repeating: part, count: Self.count).joined(separator: ",")]
            : Array(repeating: part, count: Self.count)
        var translator = StreamTranslator(plan: ResponsePlan(), now: 0)
        var identifiers = IdentifierSource(seed: (1, 2))
        var tape = JSONTape()
        var found: Set<String> = []
        for event in events {
            var writer = JSONWriter()
            let bytes = Array(#"{"candidates":[{"content":{"parts":[\#(event)]},"finishReason":"STOP"}]}"#.utf8)
            try tape.parse(bytes.span)
            translator.translate(tape.document(of: bytes.span), identifiers: &identifiers, into: &writer)
            for data in GoldenCase.events(of: writer.output.array(), cutAt: []) {
                try tape.parse(data.span)
                Self.collect(tape.document(of: data.span), into: &found)
            }
        }
        #expect(found.count == Self.count)
        #expect(found.isSuperset(of: ["c", "c-2", "c-\(Self.count)"]))
    }

    private static func collect(_ json: borrowing JSONDocument, into ids: inout Set<String>) {
        var choices = json.elements(json.value("choices", of: .root) ?? .root)
        guard let choice = choices.next(in: json), let delta = json.value("delta", of: choice) else { return }
        var calls = json.elements(json.value("tool_calls", of: delta) ?? .root)
        while let call = calls.next(in: json) {
            if let id = json.value("id", of: call) { ids.insert(json.string(id)) }
        }
    }
}
