import PolluxJSON

/// Writes `CountTokensResponse`s.
enum TokenCountWriter {
    static func body(
        _ request: GenerateRequest, _ backend: Backend, _ json: borrowing JSONDocument
    ) -> [UInt8] {
        let tokens = PromptTokens(request, json)
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("totalTokens")
        writer.integer(tokens.total)
        if backend == .vertex {
            writer.key("totalBillableCharacters")
            writer.integer(billableCharacters(request, json))
        }
        tokens.writeDetails(into: &writer)
        writer.endObject()
        return writer.output.array()
    }

    /// Characters of text without white space, as Vertex AI bills them.
    private static func billableCharacters(_ request: GenerateRequest, _ json: borrowing JSONDocument) -> Int {
        var count = 0
        for content in request.contents + (request.systemInstruction.map { [$0] } ?? []) {
            for part in content.parts {
                guard case .text(let node) = part.data else { continue }
                for scalar in json.string(node).unicodeScalars where !scalar.properties.isWhitespace {
                    count += 1
                }
            }
        }
        return count
    }
}
