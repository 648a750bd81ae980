import Foundation
import PolluxTranslation
import Testing

@Suite("A translator that is kept")
struct ReuseTests {
    @Test("What was translated before, tools and schemas among it, never changes what comes (GEN-004)")
    func kept() throws {
        var translator = RequestTranslator()
        for round in 1...2 {
            for name in GoldenTests.cases {
                let golden = try GoldenCase(GoldenTests.root.appending(path: name))
                guard let request = golden.read("request.json") else { continue }
                let fresh = golden.translate(request: request)
                let kept = golden.translate(request: request, by: &translator)
                #expect(kept.text == fresh.text, "\(name), round \(round)")
                #expect(kept.plan.toolNames == fresh.plan.toolNames, "\(name), round \(round)")
            }
        }
    }
}
