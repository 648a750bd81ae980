import Foundation
import PolluxConfiguration
import Testing

@Suite("The configuration's document")
struct DocumentTests {
    @Test("docs/configuration.md is the table of keys: POLLUX_UPDATE_GOLDEN=1 writes it, and fails")
    func document() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let file = root.appending(path: "docs/configuration.md")
        let stored = try? String(contentsOf: file, encoding: .utf8)
        let written = Configuration.markdown()
        if stored != written, ProcessInfo.processInfo.environment["POLLUX_UPDATE_GOLDEN"] == "1" {
            try written.write(to: file, atomically: true, encoding: .utf8)
        }
        #expect(stored == written)
    }
}
