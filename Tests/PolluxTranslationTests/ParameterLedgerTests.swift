import Foundation
import PolluxOpenAIWire
import PolluxTranslation
import Testing

@Suite("Every field has a fate")
struct ParameterLedgerTests {
    static let tests = URL(filePath: #filePath).deletingLastPathComponent()

    @Test("Every field that we read has a row of its own", arguments: ChatCompletionRequest.Field.allCases)
    func known(field: ChatCompletionRequest.Field) {
        let path = String(describing: field.name)
        #expect(ParameterLedger.rows.contains { $0.path == path })
    }

    @Test("Every field of an embeddings request has a row of its own", arguments: EmbeddingsRequest.Field.allCases)
    func known(field: EmbeddingsRequest.Field) {
        let path = String(describing: field.name)
        #expect(EmbeddingLedger.rows.contains { $0.path == path })
    }

    @Test("Every field of OpenAI's description has a fate")
    func described() throws {
        let list = try String(contentsOf: Self.tests.appending(path: "Resources/openai-fields.txt"), encoding: .utf8)
        let fields = list.split(separator: "\n").filter { !$0.hasPrefix("#") }
        #expect(fields.count > 100)
        for field in fields {
            #expect(ParameterLedger.row(for: String(field)) != nil, "\(field) has no fate")
        }
    }

    @Test("The document is the table: POLLUX_UPDATE_GOLDEN=1 writes it, and fails")
    func document() throws {
        let file = Self.tests.deletingLastPathComponent().deletingLastPathComponent().appending(
            path: "docs/parameters.md")
        let stored = try? String(contentsOf: file, encoding: .utf8)
        let written = ParameterLedger.markdown()
        if stored != written, ProcessInfo.processInfo.environment["POLLUX_UPDATE_GOLDEN"] == "1" {
            try written.write(to: file, atomically: true, encoding: .utf8)
        }
        #expect(stored == written)
    }
}
