import Testing

@testable import PolluxEmulator

@Suite("Emulator: embeddings (EMB-003…005)")
struct EmbeddingTests {
    static func ask(_ backend: Backend, _ model: String, _ method: String, _ body: String) -> Heard {
        var asking = Asking(backend: backend).with(model: model)
        asking.method = method
        return asking.ask(body)
    }

    private static let content = #"{"content":{"parts":[{"text":"Hello you"}]}}"#

    @Test("The Developer API embeds one content and batches")
    func developer() {
        let one = Self.ask(.developer, "gemini-embedding-001", "embedContent", Self.content)
        let batch = Self.ask(
            .developer, "gemini-embedding-001", "batchEmbedContents",
            #"{"requests":[{"model":"models/gemini-embedding-001","content":{"parts":[{"text":"Hello you"}]}},"#
                + #"{"model":"models/gemini-embedding-001","content":{"parts":[{"text":"x"}]},"taskType":"CLUSTERING"}]}"#
        )
        #expect(one.status == 200 && batch.status == 200, "\(batch.text.prefix(200))")
        #expect(one["embedding.values"] == batch["embeddings.0.values"])
        #expect(batch["embeddings.1.values.3071"] != nil && batch["embeddings.1.values.3072"] == nil)
        #expect(batch["embeddings.2"] == nil && batch["usageMetadata"] == nil)
    }

    @Test("Vertex AI embeds with newer models by embedContent, with others by predict")
    func vertex() {
        let newer = Self.ask(.vertex, "gemini-embedding-2", "embedContent", Self.content)
        #expect(newer["usageMetadata.promptTokenCount"] == "3")
        #expect(newer["embedding.values.3071"] != nil)
        let older = Self.ask(
            .vertex, "text-embedding-005", "predict",
            #"{"instances":[{"content":"a","task_type":"CLUSTERING"},{"content":"b c"}],"parameters":{"outputDimensionality":4}}"#
        )
        #expect(older["predictions.1.embeddings.statistics.token_count"] == "1")
        #expect(older["predictions.1.embeddings.values.3"] != nil)
        #expect(older["predictions.1.embeddings.values.4"] == nil)
        #expect(Self.ask(.vertex, "gemini-embedding-2", "predict", #"{"instances":[{"content":"a"}]}"#).status == 400)
        #expect(Self.ask(.vertex, "text-embedding-005", "embedContent", Self.content).status == 400)
    }

    @Test(
        "What the services refuse",
        arguments: [
            (Backend.developer, "gemini-2.5-flash", "embedContent", content, 404),
            (.developer, "gemini-embedding-001", "generateContent", says("a"), 404),
            (.vertex, "gemini-2.5-flash", "embedContent", content, 404),
            (.developer, "gemini-embedding-001", "predict", #"{"instances":[{"content":"a"}]}"#, 404),
            (.vertex, "gemini-embedding-2", "batchEmbedContents", #"{"requests":[]}"#, 400),
            (.vertex, "text-embedding-005", "batchEmbedContents", #"{"requests":[]}"#, 400),
            (.developer, "gemini-embedding-001", "batchEmbedContents", #"{"requests":[]}"#, 400),
            (.developer, "gemini-embedding-001", "batchEmbedContents", #"{"requests":[\#(content)]}"#, 400),
            (.developer, "gemini-embedding-001", "embedContent", #"{"content":{"parts":[]}}"#, 400),
            (
                .developer, "gemini-embedding-001", "embedContent",
                #"{"content":{"parts":[{"text":"a"}]},"autoTruncate":true}"#, 400
            ),
            (
                .vertex, "gemini-embedding-2", "embedContent",
                #"{"content":{"parts":[{"text":"a"}]},"embedContentConfig":{"taskType":"DANCE"}}"#, 400
            ),
            (
                .vertex, "gemini-embedding-2", "embedContent",
                #"{"content":{"parts":[{"text":"a"}]},"embedContentConfig":{"outputDimensionality":3073}}"#, 400
            ),
            (
                .vertex, "gemini-embedding-001", "predict", #"{"instances":[{"content":"a"},{"content":"b"}]}"#, 400
            ),
            (.vertex, "text-embedding-005", "predict", #"{"instances":[{"text":"a"}]}"#, 400),
            (.vertex, "text-embedding-005", "predict", #"{"instances":[{"content":""}]}"#, 400),
            (.vertex, "text-embedding-005", "predict", #"{"instances":[],"x":1}"#, 400),
        ] as [(Backend, String, String, String, Int)])
    func refusals(backend: Backend, model: String, method: String, body: String, status: Int) {
        let heard = Self.ask(backend, model, method, body)
        #expect(heard.status == status, "\(heard.text.prefix(300))")
    }

    @Test("A batch holds at most a hundred")
    func batch() {
        let content = #""content":{"parts":[{"text":"a"}]}"#
        let one = #"{"model":"models/gemini-embedding-001",\#(content),"outputDimensionality":1}"#
        for (count, status) in [(100, 200), (101, 400)] {
            let list = Array(repeating: one, count: count).joined(separator: ",")
            let heard = Self.ask(
                .developer, "gemini-embedding-001", "batchEmbedContents", #"{"requests":[\#(list)]}"#)
            #expect(heard.status == status)
        }
    }
}
