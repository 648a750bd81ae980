import Foundation
import PolluxSSE
import Testing

/// Cases in folders: what is given, and what must come of it, to the byte.
///
///     Tests/Golden/<area>/<case>/
///       case.md                 one sentence, and the rules it shows
///       request.json            the client's request                               given
///       upstream-request.json   what Gemini must get, or the error in its place    produced
///       upstream.json / .sse    what Gemini answers                                given
///       expected.json / .sse    what the client must read                          produced
///       upstream-error.http     an error answer of the upstream: status, headers, body     given
///       expected-error.http     the same as the client must read it                produced
///       embeddings/…            the same files for `/embeddings`, with one element for each call upstream
///       options.json            service, model profile switches, whose credential  optional
///
/// `POLLUX_UPDATE_GOLDEN=1 swift test` writes the produced files and fails, so that the difference is read; the
/// beginning of a folder's name in place of `1` means these folders only.
@Suite("Golden cases")
struct GoldenTests {
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Golden")

    static let cases: [String] = {
        let files = FileManager.default.enumerator(at: root, includingPropertiesForKeys: nil)
        var found: [String] = []
        while let file = files?.nextObject() as? URL {
            guard file.lastPathComponent == "case.md" else { continue }
            found.append(String(file.deletingLastPathComponent().path.dropFirst(root.path.count + 1)))
        }
        return found.sorted()
    }()

    static let streams = cases.filter {
        FileManager.default.fileExists(atPath: root.appending(path: $0).appending(path: "upstream.sse").path)
    }

    @Test("There are cases, and each names the rules it shows")
    func hasCases() throws {
        #expect(Self.cases.count >= 20)
        #expect(Self.streams.count >= 7)
        for name in Self.cases {
            let text = try String(
                contentsOf: Self.root.appending(path: name).appending(path: "case.md"), encoding: .utf8)
            #expect(text.contains(/[A-Z]{2,6}-[0-9]{3}/), "\(name)/case.md names no rule")
        }
    }

    @Test("Every case gives what stands in its folder", arguments: cases)
    func golden(name: String) throws {
        let golden = try GoldenCase(Self.root.appending(path: name))
        if let error = golden.read("upstream-error.http") {
            return try golden.expect(golden.translate(error: error), "expected-error.http")
        }
        if name.hasPrefix("embeddings/") { return try golden.expectEmbeddings() }
        let request = try #require(golden.read("request.json"))
        let translated = golden.translate(request: request)
        try golden.expect(translated.text, "upstream-request.json")
        if let answer = golden.read("upstream.json") {
            try golden.expect(golden.translate(answer: answer, plan: translated.plan), "expected.json")
        }
        if let stream = golden.read("upstream.sse") {
            let events = GoldenCase.events(of: stream, cutAt: [])
            try golden.expect(golden.translate(events: events, plan: translated.plan), "expected.sse")
        }
    }

    /// Longest stream that is cut at every byte.
    static let shortStream = 4096

    @Test("The way an upstream's bytes are split never changes its events (STREAM-007)", arguments: streams)
    func splits(name: String) throws {
        let stream = try #require(GoldenCase(Self.root.appending(path: name)).read("upstream.sse"))
        let whole = GoldenCase.events(of: stream, cutAt: [])
        for size in [1, 2, 3, 5, 7, 64] {
            let cuts = Array(Swift.stride(from: size, to: stream.count, by: size))
            if GoldenCase.events(of: stream, cutAt: cuts) != whole { Issue.record("pieces of \(size)") }
        }
        guard stream.count <= Self.shortStream else { return }
        for cut in 1..<max(1, stream.count) {
            if GoldenCase.events(of: stream, cutAt: [cut]) != whole { Issue.record("cut at \(cut)") }
        }
    }
}
