import PolluxJSON
import PolluxOpenAIWire
import PolluxTranslation

/// Embeddings: the bodies of all calls, `[{"predict":{…}},…]`, and their answers, `[{…},…]`.
extension GoldenCase {
    func expectEmbeddings() throws {
        let request = read("request.json") ?? []
        let (text, plan) = embed(request: request)
        try expect(text, "upstream-request.json")
        if let plan, let answers = read("upstream.json") {
            try expect(translate(embeddings: answers, plan), "expected.json")
        }
    }

    private func embed(request bytes: [UInt8]) -> (String, EmbeddingPlan?) {
        var target = self.target
        var tape = JSONTape()
        do {
            try tape.parse(bytes.span)
            let json = tape.document(of: bytes.span)
            let request = try EmbeddingsRequest(json)
            target.model = request[.model].map { json.string($0) }?.split(separator: "/").last.map(String.init) ?? ""
            var notes = NoteTaker.off
            let translator = try EmbeddingTranslator(request, of: json, to: target, notes: &notes)
            var writer = JSONWriter()
            writer.beginArray()
            for call in translator.plan.calls.indices {
                writer.beginObject()
                writer.key(text: translator.plan.method.rawValue)
                translator.write(call, of: json, into: &writer)
                writer.endObject()
            }
            writer.endArray()
            return (String(decoding: writer.output.array(), as: UTF8.self), translator.plan)
        } catch let error as APIError {
            return (String(decoding: error.body(), as: UTF8.self), nil)
        } catch {
            return ("\(error)", nil)
        }
    }

    private func translate(embeddings bytes: [UInt8], _ plan: EmbeddingPlan) -> String {
        var tape = JSONTape()
        guard (try? tape.parse(bytes.span)) != nil else { return "not JSON" }
        let list = tape.document(of: bytes.span)
        var answers = EmbeddingAnswers(plan)
        var elements = list.elements(.root)
        var call = 0
        while let element = elements.next(in: list) {
            let answer = Array(copying: list.raw(element))
            var tape = JSONTape()
            guard (try? tape.parse(answer.span)) != nil else { return "not JSON" }
            let isAnswer = answers.add(tape.document(of: answer.span), call: call)
            if !isAnswer { return "call \(call): no answer" }
            call += 1
        }
        var writer = JSONWriter()
        answers.write(into: &writer)
        return String(decoding: writer.output.array(), as: UTF8.self)
    }
}
