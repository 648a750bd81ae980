import PolluxJSON
import PolluxOpenAIWire
import PolluxTranslation
import Testing

@Suite("Embeddings")
struct EmbeddingTests {
    @Test(
        "The model's name decides the method (EMB-003…005)",
        arguments: [
            ("gemini-embedding-001", TranslationTarget.Service.vertex, EmbeddingMethod.predict),
            ("text-embedding-005", .vertex, .predict), ("text-multilingual-embedding-002", .vertex, .predict),
            ("gemini-embedding-2", .vertex, .embedContent), ("gemini-embedding-2-preview", .vertex, .embedContent),
            ("multilingual-e5-large-instruct-maas", .vertex, .embedContent),
            ("gemini-embedding-001", .developer, .batchEmbedContents),
            ("text-embedding-004", .developer, .batchEmbedContents),
        ])
    func methods(model: String, service: TranslationTarget.Service, method: EmbeddingMethod) {
        #expect(EmbeddingMethod(for: model, on: service) == method)
    }

    private func plan(_ count: Int, _ model: String, _ service: TranslationTarget.Service) throws -> EmbeddingPlan {
        let texts = Array(repeating: "\"a\"", count: count).joined(separator: ",")
        let bytes = Array("{\"model\":\"m\",\"input\":[\(texts)]}".utf8)
        var tape = JSONTape()
        try tape.parse(bytes.span)
        let json = tape.document(of: bytes.span)
        var notes = NoteTaker.off
        let target = TranslationTarget(service: service, profile: ModelProfile(), model: model)
        return try EmbeddingTranslator(EmbeddingsRequest(json), of: json, to: target, notes: &notes).plan
    }

    @Test("A call holds what its method takes, and the calls hold every input once, in order (EMB-003…005)")
    func calls() throws {
        for (model, service, inCall) in [
            ("gemini-embedding-001", .developer, 100), ("gemini-embedding-001", .vertex, 1),
            ("text-embedding-005", .vertex, 250), ("gemini-embedding-2", .vertex, 1),
        ] as [(String, TranslationTarget.Service, Int)] {
            for count in [1, 100, 101, 250, 251, 2048] {
                let plan = try plan(count, model, service)
                #expect(plan.calls.flatMap { Array($0) } == Array(0..<count))
                #expect(plan.calls.dropLast().allSatisfy { $0.count == inCall })
                #expect(plan.inputs == count)
            }
        }
    }

    @Test("2048 texts are as many as there may be (EMB-001)")
    func tooMany() throws {
        let error = #expect(throws: APIError.self) { try plan(2049, "gemini-embedding-001", .vertex) }
        #expect(error?.code == "array_above_max_length")
        #expect(error?.param == "input")
    }

    @Test("Answers may come in any order and twice (EMB-004, EMB-007)")
    func order() throws {
        var answers = EmbeddingAnswers(try plan(3, "gemini-embedding-2", .vertex))
        for call in [2, 0, 1, 0] {
            let bytes = Array("{\"embedding\":{\"values\":[\(call)]},\"usageMetadata\":{\"promptTokenCount\":5}}".utf8)
            var tape = JSONTape()
            try tape.parse(bytes.span)
            let isAnswer = answers.add(tape.document(of: bytes.span), call: call)
            #expect(isAnswer)
        }
        var writer = JSONWriter()
        answers.write(into: &writer)
        let text = String(decoding: writer.output.array(), as: UTF8.self)
        for call in 0..<3 { #expect(text.contains("{\"embedding\":[\(call)],\"index\":\(call),")) }
        #expect(answers.promptTokens == 15)
        #expect(answers.bytes == 9)
    }
}
