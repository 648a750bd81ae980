// The translation as a library: a request, an answer and a stream, without a server.
//
//     swift run translate
//
// Nothing but PolluxTranslation and the standard library is linked: no Foundation, no NIO.

import PolluxJSON
import PolluxOpenAIWire
import PolluxSSE
import PolluxTranslation

let request = """
    {
      "model": "google/gemini-2.5-flash",
      "messages": [
        {"role": "system", "content": "Answer in one sentence."},
        {"role": "user", "content": "What is the weather in Oslo?"}
      ],
      "tools": [{
        "type": "function",
        "function": {
          "name": "get_weather",
          "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
        }
      }],
      "reasoning_effort": "low"
    }
    """

let answer = """
    {"candidates": [{"content": {"role": "model", "parts": [
      {"functionCall": {"name": "get_weather", "args": {"city": "Oslo"}}, "thoughtSignature": "QUJD"}
    ]}, "finishReason": "STOP"}], "usageMetadata": {"promptTokenCount": 40, "candidatesTokenCount": 9}}
    """

let events = """
    data: {"candidates": [{"content": {"role": "model", "parts": [{"text": "It rains "}]}}]}

    data: {"candidates": [{"content": {"role": "model", "parts": [{"text": "in Oslo."}]}, "finishReason": "STOP"}]}


    """

/// What goes to Gemini, and what the answer's translation must know of it.
func translate(request text: String) throws -> (body: String, plan: ResponsePlan) {
    let bytes = Array(text.utf8)
    var tape = JSONTape()
    try tape.parse(bytes.span)
    let json = tape.document(of: bytes.span)
    let target = TranslationTarget(
        service: .developer, profile: ModelProfiles.defaults.profile(for: "gemini-2.5-flash"), model: "gemini-2.5-flash"
    )
    var translator = RequestTranslator()
    var notes = NoteTaker(isOn: true)
    let plan = try translator.translate(try ChatCompletionRequest(json), of: json, to: target, notes: &notes)
    for note in notes.notes { print("note:", note.fate.rawValue, note.path, note.detail) }
    return (String(copying: translator.writer.output.span), plan)
}

/// Gemini's whole answer as a `chat.completion`.
func translate(answer text: String, _ plan: ResponsePlan) throws -> String {
    let bytes = Array(text.utf8)
    var tape = JSONTape()
    try tape.parse(bytes.span)
    var translator = ResponseTranslator(plan: plan, now: 1_770_000_000)
    var identifiers = IdentifierSource(seed: (1, 2))
    var writer = JSONWriter()
    _ = translator.translate(tape.document(of: bytes.span), identifiers: &identifiers, into: &writer)
    return String(copying: writer.output.span)
}

/// Gemini's events as `chat.completion.chunk`s, however the bytes are cut.
func translate(stream text: String, _ plan: ResponsePlan) throws -> String {
    var parser = EventParser(maximumEventBytes: 1 << 20)
    var translator = StreamTranslator(plan: plan, now: 1_770_000_000)
    var identifiers = IdentifierSource(seed: (1, 2))
    var writer = JSONWriter()
    var tape = JSONTape()
    let bytes = Array(text.utf8)
    var start = 0
    while start < bytes.count {
        let piece = Array(bytes[start..<min(start + 7, bytes.count)])
        var offset = 0
        while let event = try parser.next(in: piece.span, at: &offset) {
            let data = if case .inInput(let range) = event { Array(piece[range]) } else { parser.buffered }
            try tape.parse(data.span)
            translator.translate(tape.document(of: data.span), identifiers: &identifiers, into: &writer)
        }
        start += piece.count
    }
    guard translator.finish(into: &writer) == .finished else {
        return "The stream broke off."
    }
    return String(copying: writer.output.span)
}

let (body, plan) = try translate(request: request)
print("request:", body, "\n")
print("answer:", try translate(answer: answer, plan), "\n")
print("stream:")
print(try translate(stream: events, plan))
