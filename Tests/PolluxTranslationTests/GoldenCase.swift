import Foundation
import PolluxJSON
import PolluxOpenAIWire
import PolluxTranslation
import Testing

/// One folder.
struct GoldenCase {
    static let now = 1_770_000_000

    let folder: URL
    private(set) var target: TranslationTarget
    /// Whose credential the upstream saw, for errors.
    private(set) var credential = UpstreamError.Credential.gateway

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
        if let owner = json.value("credential", of: .root), json.equals(owner, "client") { credential = .client }
        if let base = json.value("base", of: .root), json.equals(base, "studio") { target.tagsThoughtsByDefault = true }
        if let mode = json.value("schema_mode", of: .root), json.equals(mode, "openapi") {
            target.settings.schemaMode = .openapi
        }
        if let strict = json.value("strict_tools_validated", of: .root) {
            target.settings.validatesStrictTools = json.boolean(strict) ?? false
        }
        if let repair = json.value("repair", of: .root) {
            target.settings.repairsHistory = json.boolean(repair) ?? false
        }
        if let fetch = json.value("media", of: .root), json.equals(fetch, "fetch") {
            target.settings.mediaMode = .fetch
        }
        if let delivery = json.value("thoughts", of: .root), json.equals(delivery, "reasoning_content") {
            target.settings.thoughtDelivery = .reasoningContent
        }
        for (name, path) in [
            ("strict_none", \TranslationSettings.isStrictAboutNone), ("merge_config", \.mergesThinkingConfig),
            ("suppress_audio_field", \.suppressesAudioField),
        ] as [(StaticString, WritableKeyPath<TranslationSettings, Bool>)] {
            if let node = json.value(name, of: .root) {
                target.settings[keyPath: path] = json.boolean(node) ?? false
            }
        }
    }

    func read(_ name: String) -> [UInt8]? {
        (try? Data(contentsOf: folder.appending(path: name))).map { Array($0) }
    }

    /// `POLLUX_UPDATE_GOLDEN`: `1`, or the beginning of the names of the folders that are meant.
    private var isUpdated: Bool {
        guard let wanted = ProcessInfo.processInfo.environment["POLLUX_UPDATE_GOLDEN"] else { return false }
        return wanted == "1" || folder.path.dropFirst(GoldenTests.root.path.count + 1).hasPrefix(wanted)
    }

    func expect(_ text: String, _ name: String) throws {
        let file = folder.appending(path: name)
        let stored = read(name).map { String(decoding: $0, as: UTF8.self) }
        if stored != text, isUpdated {
            try text.write(to: file, atomically: true, encoding: .utf8)
        }
        #expect(text == stored, "\(folder.lastPathComponent)/\(name)")
    }

    /// - Parameter spliceThreshold: strings of the request from this length on are spliced and not copied.
    func translate(request bytes: [UInt8], spliceThreshold: Int = .max) -> (text: String, plan: ResponsePlan) {
        var translator = RequestTranslator()
        translator.spliceThreshold = spliceThreshold
        return translate(request: bytes, by: &translator)
    }

    /// - Parameter translator: may have translated other requests before.
    func translate(request bytes: [UInt8], by translator: inout RequestTranslator) -> (text: String, plan: ResponsePlan)
    {
        var notes = NoteTaker.off
        return translate(request: bytes, by: &translator, notes: &notes)
    }

    /// What is told of the request's fields; `nil` when it is refused.
    func fieldReports(of request: [UInt8]) -> [FieldReport]? {
        var translator = RequestTranslator()
        var notes = NoteTaker(isOn: true)
        if translate(request: request, by: &translator, notes: &notes).text.hasPrefix("{\"error\"") { return nil }
        var tape = JSONTape()
        guard (try? tape.parse(request.span)) != nil else { return nil }
        return FieldReport.reports(ofRequest: tape.document(of: request.span), notes: notes.notes)
    }

    private func translate(
        request bytes: [UInt8], by translator: inout RequestTranslator, notes: inout NoteTaker
    ) -> (text: String, plan: ResponsePlan) {
        var target = self.target
        var tape = JSONTape()
        do {
            try tape.parse(bytes.span, knowing: translator.knownArrays)
            let json = tape.document(of: bytes.span)
            let request = try ChatCompletionRequest(json)
            var model = request[.model].map { json.string($0) } ?? ""
            if model.hasPrefix("google/") { model.removeFirst(7) }
            target.model = model
            target.profile = ModelProfiles.defaults.profile(for: model)
            let plan = try translator.translate(request, of: json, to: target, notes: &notes)
            let output = translator.writer.output.array()
            var body: [UInt8] = []
            var at = 0
            for splice in translator.writer.splices {
                body += output[at..<splice.position] + bytes[splice.source]
                at = splice.position
            }
            return (String(decoding: body + output[at...], as: UTF8.self), plan)
        } catch let error as APIError {
            return (String(decoding: error.body(), as: UTF8.self), ResponsePlan())
        } catch {
            return ("\(error)", ResponsePlan())
        }
    }
}
