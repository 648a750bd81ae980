import Foundation
import PolluxJSON
import PolluxOpenAIWire
import PolluxSSE
import PolluxTranslation
import Testing

/// Cases in folders: what is given, and what must come of it, to the byte.
///
///     Tests/Golden/<area>/<case>/
///       case.md                 one sentence, and the rules it shows
///       request.json            the client's request                               given
///       upstream-request.json   what Gemini must get, or the error in its place    produced
///       upstream.json / .sse    what Gemini answers                                given
///       expected.json / .sse    what the client must read                          produced
///       options.json            service, model profile switches                    optional
///
/// `POLLUX_UPDATE_GOLDEN=1 swift test` writes the produced files and fails, so that the difference is read.
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

    @Test("There are cases, and each names the rules it shows")
    func hasCases() throws {
        #expect(Self.cases.count >= 20)
        for name in Self.cases {
            let text = try String(
                contentsOf: Self.root.appending(path: name).appending(path: "case.md"), encoding: .utf8)
            #expect(text.contains(/[A-Z]{2,6}-[0-9]{3}/), "\(name)/case.md names no rule")
        }
    }

    @Test("Every case gives what stands in its folder", arguments: cases)
    func golden(name: String) throws {
        let golden = try GoldenCase(Self.root.appending(path: name))
        let request = try #require(golden.read("request.json"))
        let translated = golden.translate(request: request)
        try golden.expect(translated.text, "upstream-request.json")
        if let answer = golden.read("upstream.json") {
            try golden.expect(golden.translate(answer: answer, plan: translated.plan), "expected.json")
        }
        if let stream = golden.read("upstream.sse") {
            try golden.expect(golden.translate(stream: stream, plan: translated.plan, pieces: .max), "expected.sse")
        }
    }

    @Test("The way an upstream's bytes are split never changes the client's", arguments: cases)
    func splits(name: String) throws {
        let golden = try GoldenCase(Self.root.appending(path: name))
        guard let stream = golden.read("upstream.sse"), let request = golden.read("request.json") else { return }
        let plan = golden.translate(request: request).plan
        let whole = golden.translate(stream: stream, plan: plan, pieces: .max)
        for size in [1, 2, 3, 5, 7, 64] {
            #expect(golden.translate(stream: stream, plan: plan, pieces: size) == whole)
        }
    }
}

/// One folder.
struct GoldenCase {
    static let now = 1_770_000_000

    let folder: URL
    private var target: TranslationTarget

    init(_ folder: URL) throws {
        self.folder = folder
        target = TranslationTarget(service: .vertex, profile: ModelProfile(), model: "", project: "p", location: "l")
        let options = read("options.json") ?? Array("{}".utf8)
        var tape = JSONTape()
        try tape.parse(options.span)
        let json = tape.document(of: options.span)
        if let service = json.value("service", of: .root), json.equals(service, "developer") {
            target.service = .developer
        }
        if let base = json.value("base", of: .root), json.equals(base, "studio") { target.tagsThoughtsByDefault = true }
        if let mode = json.value("schema_mode", of: .root), json.equals(mode, "openapi") {
            target.settings.schemaMode = .openapi
        }
        if let repair = json.value("repair", of: .root) {
            target.settings.repairsHistory = json.boolean(repair) ?? false
        }
        if let fetch = json.value("media", of: .root), json.equals(fetch, "fetch") {
            target.settings.mediaMode = .fetch
        }
    }

    func read(_ name: String) -> [UInt8]? {
        (try? Data(contentsOf: folder.appending(path: name))).map { Array($0) }
    }

    func expect(_ text: String, _ name: String) throws {
        let file = folder.appending(path: name)
        let stored = read(name).map { String(decoding: $0, as: UTF8.self) }
        if stored != text, ProcessInfo.processInfo.environment["POLLUX_UPDATE_GOLDEN"] == "1" {
            try text.write(to: file, atomically: true, encoding: .utf8)
        }
        #expect(text == stored, "\(folder.lastPathComponent)/\(name)")
    }

    func translate(request bytes: [UInt8]) -> (text: String, plan: ResponsePlan) {
        var target = self.target
        var tape = JSONTape()
        do {
            try tape.parse(bytes.span)
            let json = tape.document(of: bytes.span)
            let request = try ChatCompletionRequest(json)
            var model = request[.model].map { json.string($0) } ?? ""
            if model.hasPrefix("google/") { model.removeFirst(7) }
            target.model = model
            target.profile = ModelProfiles.defaults.profile(for: model)
            var translator = RequestTranslator()
            var notes = NoteTaker.off
            let plan = try translator.translate(request, of: json, to: target, notes: &notes)
            return (String(decoding: translator.writer.output.array(), as: UTF8.self), plan)
        } catch let error as APIError {
            return (String(decoding: error.body(), as: UTF8.self), ResponsePlan())
        } catch {
            return ("\(error)", ResponsePlan())
        }
    }

    func translate(answer bytes: [UInt8], plan: ResponsePlan) -> String {
        var tape = JSONTape()
        guard (try? tape.parse(bytes.span)) != nil else { return "not JSON" }
        var writer = JSONWriter()
        var identifiers = IdentifierSource(seed: (1, 2))
        var translator = ResponseTranslator(plan: plan, now: Self.now)
        _ = translator.translate(tape.document(of: bytes.span), identifiers: &identifiers, into: &writer)
        return String(decoding: writer.output.array(), as: UTF8.self)
    }

    func translate(stream bytes: [UInt8], plan: ResponsePlan, pieces: Int) -> String {
        var parser = EventParser(maximumEventBytes: 1 << 20)
        var translator = StreamTranslator(plan: plan, now: Self.now)
        var identifiers = IdentifierSource(seed: (1, 2))
        var writer = JSONWriter()
        var tape = JSONTape()
        func read(_ data: [UInt8]) {
            guard (try? tape.parse(data.span)) != nil else { return }
            translator.translate(tape.document(of: data.span), identifiers: &identifiers, into: &writer)
        }
        var start = 0
        while start < bytes.count {
            let end = min(bytes.count, pieces == .max ? bytes.count : start + pieces)
            let piece = Array(bytes[start..<end])
            var offset = 0
            while let event = try? parser.next(in: piece.span, at: &offset) {
                switch event {
                case .inInput(let range): read(Array(piece[range]))
                case .inBuffer: read(parser.buffered)
                }
            }
            start = end
        }
        if parser.finish() != nil { read(parser.buffered) }
        let ending = translator.finish(identifiers: &identifiers, into: &writer)
        let text = String(decoding: writer.output.array(), as: UTF8.self)
        return ending == .finished ? text : text + ": \(ending)\n"
    }
}
