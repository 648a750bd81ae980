// What the core costs: CPU time and calls of the allocator for each operation, the best of several rounds.
//
//     swift run -c release --package-path Benchmarks core

import Allocations
import PolluxJSON
import PolluxOpenAIWire
import PolluxTranslation

/// Runs `body` in rounds and prints the best round's cost.
func measure(_ name: String, bytes: Int, rounds: Int = 15, times: Int, _ body: () throws -> Void) rethrows {
    for _ in 0..<20 { try body() }
    var best = UInt.max
    var allocated: UInt = 0
    for _ in 0..<rounds {
        let before = allocations()
        let start = cpu_nanoseconds()
        for _ in 0..<times { try body() }
        best = min(best, cpu_nanoseconds() - start)
        allocated = allocations() - before
    }
    let hundredths = best / UInt(times) / 10
    let cost = "\(hundredths / 100)." + (hundredths % 100 < 10 ? "0" : "") + "\(hundredths % 100)"
    func padded(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }
    print(
        name + String(repeating: " ", count: max(0, 34 - name.count)), padded("\(bytes)", 8), padded(cost, 10),
        padded("\(allocated / UInt(times))", 8))
}

func run() throws {
    print("operation                             bytes   CPU µs  allocations")
    var bodies = Bodies()
    let documents = [
        ("small", bodies.small()), ("agent, 12 KB, 15 tools", bodies.agent(turns: 6)),
        ("agent, 12 turns", bodies.agent(turns: 12)), ("agent, 24 turns", bodies.agent(turns: 24)),
    ]
    var tape = JSONTape()
    for (name, bytes) in documents {
        try measure("parse \(name)", bytes: bytes.count, times: 300) { try tape.parse(bytes.span) }
    }
    var translator = RequestTranslator()
    let target = TranslationTarget(
        service: .developer, profile: ModelProfiles.defaults.profile(for: "gemini-2.5-flash"), model: "gemini-2.5-flash"
    )
    for (explains, word) in [(false, "translate"), (true, "explain")] {
        for (name, bytes) in documents {
            try measure("\(word) \(name)", bytes: bytes.count, times: 300) {
                try tape.parse(bytes.span)
                let json = tape.document(of: bytes.span)
                var notes = NoteTaker(isOn: explains)
                _ = try translator.translate(try ChatCompletionRequest(json), of: json, to: target, notes: &notes)
            }
        }
    }
    var writer = JSONWriter()
    var identifiers = IdentifierSource(seed: (1, 2))
    try measure("translate an answer", bytes: Bodies.answer.count, times: 2000) {
        writer.removeAll()
        try tape.parse(Bodies.answer.span)
        var translator = ResponseTranslator(plan: ResponsePlan(), now: 0)
        _ = translator.translate(tape.document(of: Bodies.answer.span), identifiers: &identifiers, into: &writer)
    }
    var stream = StreamTranslator(plan: ResponsePlan(), now: 0)
    try measure("translate an event of a stream", bytes: Bodies.event.count, times: 2000) {
        writer.removeAll()
        try tape.parse(Bodies.event.span)
        stream.translate(tape.document(of: Bodies.event.span), identifiers: &identifiers, into: &writer)
    }
}

try run()
