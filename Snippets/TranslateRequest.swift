// Translate one Chat Completions request.

import PolluxJSON
import PolluxOpenAIWire
import PolluxTranslation

// snippet.show
/// The body for Gemini, and what the answer's translation must know of the request.
func translate(_ request: [UInt8]) throws -> (body: [UInt8], plan: ResponsePlan) {
    var tape = JSONTape()
    try tape.parse(request.span)
    let json = tape.document(of: request.span)

    let profile = ModelProfiles.defaults.profile(for: "gemini-2.5-flash")
    let target = TranslationTarget(service: .developer, profile: profile, model: "gemini-2.5-flash")
    var translator = RequestTranslator()
    var notes = NoteTaker.off
    let plan = try translator.translate(ChatCompletionRequest(json), of: json, to: target, notes: &notes)
    return (translator.writer.output.array(), plan)
}
// snippet.hide

let request = Array(#"{"model":"gemini-2.5-flash","messages":[{"role":"user","content":"Hello"}]}"#.utf8)
print(String(decoding: try translate(request).body, as: UTF8.self))
