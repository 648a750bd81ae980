import Foundation
import Testing

@Suite("Long strings of the request go upstream without a copy")
struct SpliceTests {
    @Test("What is spliced and what is copied gives the same body", arguments: GoldenTests.cases)
    func sameBody(name: String) throws {
        let golden = try GoldenCase(GoldenTests.root.appending(path: name))
        guard let request = golden.read("request.json") else { return }
        let copied = golden.translate(request: request).text
        for threshold in [1, 8] {
            #expect(golden.translate(request: request, spliceThreshold: threshold).text == copied)
        }
    }
}
