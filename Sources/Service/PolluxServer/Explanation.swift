import PolluxGateway
import PolluxJSON
import PolluxOpenAIWire
import PolluxTranslation

/// Telling a client what became of its fields.
///
///     x-pollux-explain: 1                      the notes come in the header x-pollux-notes
///     extra_body.pollux.explain: true          the same
///     extra_body.pollux.strict: true           every loss is a 400
enum Explanation {
    /// Longest header value; what does not fit is counted.
    private static let maximumBytes = 4096

    static func isWanted(
        _ request: ClientRequest, _ chat: ChatCompletionRequest, _ json: borrowing JSONDocument
    ) -> (notes: Bool, isStrict: Bool) {
        isWanted(request, pollux: chat[.pollux], extraBody: chat[.extraBody], json)
    }

    /// - Parameters:
    ///   - pollux: the member `pollux` of the body.
    ///   - extraBody: the member `extra_body`, which may have one too.
    static func isWanted(
        _ request: ClientRequest, pollux: JSONNode?, extraBody: JSONNode?, _ json: borrowing JSONDocument
    ) -> (notes: Bool, isStrict: Bool) {
        var result = (notes: request.header("x-pollux-explain") == "1", isStrict: false)
        if pollux == nil, extraBody == nil { return result }
        for holder in [pollux, extraBody.flatMap({ json.value("pollux", of: $0) })] {
            guard let holder else { continue }
            if let explain = json.value("explain", of: holder), json.boolean(explain) == true { result.notes = true }
            if let strict = json.value("strict", of: holder), json.boolean(strict) == true { result.isStrict = true }
        }
        return result
    }

    /// The notes as compact JSON of one line, in ASCII: `[{"d":…,"f":"ignored","p":"user","r":"REQ-026"}]`.
    static func header(_ notes: [TranslationNote]) -> String {
        var text = "["
        var left = 0
        for note in notes {
            var writer = JSONWriter(minimumCapacity: 128)
            note.write(into: &writer)
            let entry = String(copying: writer.output.span).unicodeScalars.map { $0.isASCII ? String($0) : "?" }
                .joined()
            if text.utf8.count + entry.utf8.count > maximumBytes {
                left += 1
                continue
            }
            text += (text.count > 1 ? "," : "") + entry
        }
        if left > 0 { text += (text.count > 1 ? "," : "") + "{\"more\":\(left)}" }
        return text + "]"
    }

    static func refusal(_ note: TranslationNote) -> APIError {
        .badRequest(
            "The field '\(note.path)' would be \(note.fate.rawValue)\(note.detail.isEmpty ? "" : " (\(note.detail))"), and this request is strict.",
            param: note.path, code: "strict_translation"
        )
    }
}
