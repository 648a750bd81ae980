import PolluxJSON

/// Writes `CountTokensResponse`s.
enum TokenCountWriter {
    static func body(
        _ request: GenerateRequest, _ backend: Backend, _ json: borrowing JSONDocument
    ) -> [UInt8] {
        let tokens = PromptTokens(request, json)
        return JSONWriter.objectText {
            $0.member("totalTokens", tokens.total)
            if backend == .vertex { $0.member("totalBillableCharacters", billableCharacters(request, json)) }
            tokens.writeDetails("promptTokensDetails", into: &$0)
        }
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
