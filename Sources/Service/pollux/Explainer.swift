import PolluxGateway
import PolluxJSON
import PolluxOpenAIWire
import PolluxRelay
import PolluxSSE
import PolluxTranslation

/// Translates a document as the gateway would, and tells of every field what became of it.
struct Explainer {
    /// What is printed.
    struct Result {
        /// For people.
        var text: String
        /// For machines: `{"call":{…},"error":…,"fields":[…],"result":…}`.
        var document: String
        var isError = false
    }

    let gateway: Gateway
    let path: String

    /// One translated document.
    private struct Translation {
        /// `POST /v1beta/models/gemini-2.5-flash:generateContent`, for requests.
        var call: String?
        /// How often it is sent.
        var count = 1
        /// What was written: JSON, or the events of a stream.
        var output: [UInt8] = []
        var isStream = false
        var fields: [FieldReport] = []
        var plan = ResponsePlan()
    }

    // MARK: Requests

    func explain(request bytes: [UInt8]) -> Result {
        do throws(APIError) {
            return render(try translate(request: bytes))
        } catch {
            return render(error)
        }
    }

    private func translate(request bytes: [UInt8]) throws(APIError) -> Translation {
        var tape = JSONTape()
        do throws(JSONError) {
            try tape.parse(bytes.span)
        } catch {
            throw .badRequest(
                "The request is not JSON: \(error.reason) at byte \(error.offset).", param: nil, code: "invalid_json")
        }
        let json = tape.document(of: bytes.span)
        let chat = try ChatCompletionRequest(json)
        let model = chat[.model].flatMap { json.isString($0) ? json.string($0) : nil }
        let route = try gateway.route(model: model, base: try base())
        if let settings = route.relay {
            var relayed = RelayedRequest(settings)
            relayed.write(json)
            let output = relayed.isEdited ? relayed.writer.output.array() : bytes
            return Translation(call: "POST \(route.path)", output: output)
        }
        var translator = RequestTranslator()
        var notes = NoteTaker(isOn: true)
        let plan = try translator.translate(chat, of: json, to: route.target, notes: &notes)
        let method = plan.isStream ? ":streamGenerateContent?alt=sse" : ":generateContent"
        return Translation(
            call: "POST \(route.path)\(method)", count: plan.calls, output: translator.writer.output.array(),
            fields: FieldReport.reports(ofRequest: json, notes: notes.notes), plan: plan
        )
    }

    private func base() throws(APIError) -> ChatBase {
        do throws(RouteError) {
            if case .chatCompletions(let base) = try Route.find(
                ClientRequest(method: "POST", target: path, headers: []))
            {
                return base
            }
        } catch {
            throw error.error
        }
        throw .badRequest("The path is none of chat completions.", param: "path", code: "invalid_value")
    }

    // MARK: Answers

    /// - Parameter own: the request that was answered.
    func explain(answer bytes: [UInt8], isStream: Bool, to own: [UInt8]?) -> Result {
        do throws(APIError) {
            var plan = ResponsePlan()
            if let own { plan = try translate(request: own).plan }
            return render(isStream ? try translate(stream: bytes, plan) : try translate(answer: bytes, plan))
        } catch {
            return render(error)
        }
    }

    private func translate(answer bytes: [UInt8], _ plan: ResponsePlan) throws(APIError) -> Translation {
        var tape = JSONTape()
        guard (try? tape.parse(bytes.span, limits: Self.limits)) != nil else { throw Self.notAnAnswer }
        let json = tape.document(of: bytes.span)
        if UpstreamError.isError(json) { throw UpstreamError.translate(event: json, credential: .client) }
        guard json.isObject(.root) else { throw Self.notAnAnswer }
        var writer = JSONWriter()
        var identifiers = Self.identifiers
        var translator = ResponseTranslator(plan: plan, now: 0)
        if translator.translate(json, identifiers: &identifiers, into: &writer) == .empty { throw Self.notAnAnswer }
        return Translation(output: writer.output.array(), fields: FieldReport.reports(ofAnswer: json))
    }

    private func translate(stream bytes: [UInt8], _ plan: ResponsePlan) throws(APIError) -> Translation {
        var result = Translation(isStream: true)
        var parser = EventParser(maximumEventBytes: bytes.count + 1)
        var translator = StreamTranslator(plan: plan, now: 0)
        var identifiers = Self.identifiers
        var writer = JSONWriter()
        var events = 0
        func read(_ data: [UInt8]) throws(APIError) {
            if data.span.equals("[DONE]") || data.isEmpty { return }
            var tape = JSONTape()
            guard (try? tape.parse(data.span, limits: Self.limits)) != nil else { throw Self.notAnAnswer }
            let json = tape.document(of: data.span)
            if UpstreamError.isError(json) { throw UpstreamError.translate(event: json, credential: .client) }
            guard json.isObject(.root) else { throw Self.notAnAnswer }
            translator.translate(json, identifiers: &identifiers, into: &writer)
            for var report in FieldReport.reports(ofAnswer: json) {
                report.path = "event[\(events)].\(report.path)"
                result.fields.append(report)
            }
            events += 1
        }
        do {
            var offset = 0
            while let event = try parser.next(in: bytes.span, at: &offset) {
                switch event {
                case .inInput(let range): try read(Array(bytes[range]))
                case .inBuffer: try read(parser.buffered)
                }
            }
            if parser.finish() != nil {
                for piece in parser.isBareJSON ? Self.answers(in: parser.buffered) : [parser.buffered] {
                    try read(piece)
                }
            }
        } catch let error as APIError {
            throw error
        } catch {
            throw Self.notAnAnswer
        }
        guard translator.finish(into: &writer) == .finished else {
            throw APIError.badRequest(
                "The stream ends without a finishReason: clients get an error in its place.", param: nil,
                code: "stream_incomplete")
        }
        result.output = writer.output.array()
        return result
    }

    /// The answers of a stream that is one JSON array (STREAM-062).
    private static func answers(in bytes: [UInt8]) -> [[UInt8]] {
        var tape = JSONTape()
        guard (try? tape.parse(bytes.span, limits: limits)) != nil else { return [bytes] }  // Its reader refuses it.
        let json = tape.document(of: bytes.span)
        guard json.isArray(.root) else { return [bytes] }
        var answers: [[UInt8]] = []
        var elements = json.elements(.root)
        while let element = elements.next(in: json) { answers.append(Array(copying: json.raw(element))) }
        return answers
    }

    private static let limits = JSONLimits(acceptsLoneSurrogates: true)
    /// The same identifiers each time, so that two runs can be compared.
    private static let identifiers = IdentifierSource(seed: (1, 2))
    private static let notAnAnswer = APIError.badRequest(
        "Standard input is no answer of generateContent.", param: nil, code: "invalid_answer")

    // MARK: Printing

    private func render(_ error: APIError) -> Result {
        let body = error.body()
        return Result(
            text: "The client gets status \(error.status):\n\(String(copying: PrettyJSON.text(of: body).span))",
            document: "{\"error\":\(String(copying: body.span)),\"status\":\(error.status)}", isError: true)
    }

    private func render(_ translation: Translation) -> Result {
        Result(text: text(translation), document: document(translation))
    }

    private func text(_ translation: Translation) -> String {
        var text = ""
        if let call = translation.call {
            text += call + (translation.count > 1 ? " (\(translation.count) times)" : "") + "\n\n"
        }
        let output = translation.isStream ? translation.output : PrettyJSON.text(of: translation.output)
        text += String(copying: output.span) + "\n\n"
        let width = min(60, translation.fields.map(\.path.count).max() ?? 0)
        for field in translation.fields {
            let path =
                field.path.count < width
                ? field.path + String(repeating: " ", count: width - field.path.count) : field.path
            let fate = field.fate.rawValue + String(repeating: " ", count: max(0, 8 - field.fate.rawValue.count))
            text += "\(fate)  \(path)  \(field.detail.isEmpty ? "" : "\(field.detail) ")[\(field.rules)]\n"
        }
        return String(text.dropLast())
    }

    private func document(_ translation: Translation) -> String {
        var writer = JSONWriter()
        writer.beginObject()
        if let call = translation.call {
            writer.member("call", call)
            writer.member("count", translation.count)
        }
        writer.key("fields")
        writer.beginArray()
        for field in translation.fields { field.write(into: &writer) }
        writer.endArray()
        writer.key("result")
        if translation.isStream {
            writer.string(utf8: translation.output.span)
        } else {
            writer.raw(translation.output.span)
        }
        writer.endObject()
        return String(copying: writer.output.span)
    }
}
