import PolluxJSON

/// Turns one request into one reply, without a socket.
///
/// A responder keeps the memory of its last request for the next one; each connection has its own.
struct Responder: ~Copyable {
    let configuration: EmulatorConfiguration
    private var tape = JSONTape()

    /// Entries of the tape that are kept between requests.
    private static let keptEntries = 1 << 16

    init(_ configuration: EmulatorConfiguration) { self.configuration = configuration }

    mutating func reply(to head: RequestHead, body: Span<UInt8>) -> Reply {
        switch Route(method: head.method, target: head.target) {
        case .call(let call): return reply(to: call, head, body: body)
        case .listModels(let backend): return listModels(backend, head)
        case .model(let backend, let name, let version): return model(backend, name, version, head)
        case .token: return TokenEndpoint(seed: configuration.seed).reply(toForm: body)
        case .unknown: return .error(GoogleError(.notFound, "Method not found."))
        }
    }

    // MARK: Models

    private func listModels(_ backend: Backend, _ head: RequestHead) -> Reply {
        do throws(GoogleError) {
            try head.checkCredentials(backend)
        } catch {
            return .error(error)
        }
        let pageSize = head.target.parameter("pageSize").flatMap { Int($0) }
        return .json(
            ModelCatalogue.list(backend, pageSize: pageSize, pageToken: head.target.parameter("pageToken"))
        )
    }

    private func model(_ backend: Backend, _ name: String, _ version: String, _ head: RequestHead) -> Reply {
        do throws(GoogleError) {
            try head.checkCredentials(backend)
        } catch {
            return .error(error)
        }
        guard ModelCatalogue.serves(name) else {
            return .error(
                GoogleError(.notFound, "Model is not found: models/\(name) for api version \(version)"))
        }
        return .json(ModelCatalogue.entry(name, backend))
    }

    // MARK: Calls

    private mutating func reply(to call: ModelCall, _ head: RequestHead, body: Span<UInt8>) -> Reply {
        let isEventStream = head.target.parameter("alt") == "sse"
        let isArray = call.method == .streamGenerateContent && !isEventStream
        do throws(GoogleError) {
            try head.checkCredentials(call.backend)
            try checkModel(call)
            do throws(JSONError) {
                try tape.parse(body)
            } catch {
                throw .invalid(
                    "Invalid JSON payload received. \(Self.words(error.reason)) at byte \(error.offset).")
            }
            defer { tape.shrink(to: Self.keptEntries) }
            let json = tape.document(of: body)
            switch call.method {
            case .countTokens:
                try FieldCheck.check(json, as: "CountTokensRequest", call.backend, version: call.version)
                return countTokens(call, json)
            case .embedContent:
                try FieldCheck.check(json, as: "EmbedContentRequest", call.backend, version: call.version)
                return .json(try EmbeddingResponder(call, seed: configuration.seed).body(json))
            case .batchEmbedContents:
                try FieldCheck.check(json, as: "BatchEmbedContentsRequest", call.backend, version: call.version)
                return .json(try EmbeddingResponder(call, seed: configuration.seed).body(json))
            case .predict:
                try FieldCheck.check(json, as: "PredictRequest", call.backend, version: call.version)
                return .json(try EmbeddingResponder(call, seed: configuration.seed).body(json))
            case .generateContent, .streamGenerateContent:
                try FieldCheck.check(json, as: "GenerateContentRequest", call.backend, version: call.version)
                return try generate(call, json, isEventStream: isEventStream)
            }
        } catch {
            return .error(error, insideArray: isArray)
        }
    }

    private func checkModel(_ call: ModelCall) throws(GoogleError) {
        guard !call.isTuned || call.method.embeds, !ModelCatalogue.serves(call.model, call.method) else { return }
        switch call.backend {
        case .vertex:
            throw GoogleError(
                .notFound,
                "Publisher Model `\(call.resource)` was not found or your project does not have access to "
                    + "it. Please "
                    + "ensure you are using a valid model version. For more information, see: "
                    + "https://cloud.google.com/vertex-ai/generative-ai/docs/learn/model-versions"
            )
        case .developer:
            throw GoogleError(
                .notFound,
                "models/\(call.model) is not found for API version \(call.version), or is not supported for "
                    + "\(call.method.rawValue). Call ListModels to see the list of available models and "
                    + "their "
                    + "supported methods."
            )
        }
    }

    private func countTokens(_ call: ModelCall, _ json: borrowing JSONDocument) -> Reply {
        let inner = json.value("generateContentRequest", or: "generate_content_request", of: .root) ?? .root
        let request = GenerateRequest(inner, of: json)
        return .json(TokenCountWriter.body(request, call.backend, json))
    }

    private func generate(
        _ call: ModelCall, _ json: borrowing JSONDocument, isEventStream: Bool
    ) throws(GoogleError) -> Reply {
        let traits = ModelTraits(model: call.isTuned ? Self.tunedModelBase : call.model)
        let request = GenerateRequest(.root, of: json)
        try RequestRules(backend: call.backend, traits: traits, request: request).check(json)

        var hash = Hash()
        hash.add(configuration.seed)
        hash.add(call.model)
        hash.add(json.bytes)
        var chance = Chance(hash.value)
        let composer = AnswerComposer(
            backend: call.backend, model: call.model, traits: traits, request: request, seed: chance.next()
        )
        let answer = composer.answer(json)
        let writer = ResponseWriter(
            backend: call.backend, model: call.model, responseID: chance.identifier(length: 22),
            createTime: Timestamp.text(seconds: configuration.fixedTimeSeconds ?? Timestamp.now()),
            answer: answer
        )
        guard call.method == .streamGenerateContent else { return .json(writer.whole()) }
        var cutter = StreamCutter(chance: Chance(chance.next()))
        let events = writer.events(cutter.events(answer))
        return isEventStream ? .eventStream(events) : .arrayStream(events)
    }

    /// The model that tuned models are taken to be made from.
    private static let tunedModelBase = "gemini-2.5-flash"

    private static func words(_ reason: JSONError.Reason) -> String {
        switch reason {
        case .unexpectedEnd: "Unexpected end of string"
        case .unexpectedByte: "Unexpected token"
        case .invalidUTF8: "Invalid UTF-8"
        case .invalidEscape, .loneSurrogate: "Illegal escape in string"
        case .controlCharacter: "Illegal control character in string"
        case .invalidNumber: "Invalid number"
        case .tooDeep, .tooManyValues, .tooLarge: "Message too deep or too large"
        case .bytesBehindValue: "Parsing terminated before end of input"
        }
    }
}
