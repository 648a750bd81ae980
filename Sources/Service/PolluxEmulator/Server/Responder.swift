import PolluxJSON

/// Turns one request into one reply, without a socket.
///
/// A responder keeps the memory of its last request for the next one; each connection has its own.
struct Responder: ~Copyable {
    let configuration: EmulatorConfiguration
    let state: EmulatorState
    private var tape = JSONTape()

    /// Entries of the tape that are kept between requests.
    private static let keptEntries = 1 << 16

    init(_ configuration: EmulatorConfiguration, _ state: EmulatorState) {
        self.configuration = configuration
        self.state = state
    }

    /// Decides by the script, answers, and takes down what came.
    mutating func reply(to head: RequestHead, body: Span<UInt8>) -> Reply {
        let route = Route(method: head.method, target: head.target)
        if case .control(let path) = route {
            return ControlResponder(configuration: configuration, state: state)
                .reply(head.method, path, head, body: body)
        }
        let facts = RequestFacts(route, head)
        let decision = state.script.decide(facts, body)
        var reply: Reply
        if case .error(let error) = decision?.outcome {
            reply = .error(error, insideArray: isArrayStream(route, head))
        } else {
            reply = answer(route, head, decision?.directives, body: body)
            if case .answer(let fixed) = decision?.outcome, reply.status == 200 {
                reply = fixed.reply(insteadOf: reply)
            }
        }
        if let delivery = decision?.delivery { reply.delivery = delivery }
        if case .pieces = reply.body, !configuration.pace.isImmediate { slow(&reply) }
        var entry = LoggedRequest(head, facts, body, at: state.clock.milliseconds)
        entry.status = reply.status
        entry.rule = decision?.name
        state.log.add(entry)
        return reply
    }

    /// Whether the answer is a stream in an array, and so is a refusal.
    private func isArrayStream(_ route: Route, _ head: RequestHead) -> Bool {
        guard case .call(let call) = route, call.method == .streamGenerateContent else { return false }
        return head.target.parameter("alt") != "sse"
    }

    /// Streams come at the emulator's pace, unless the script says another.
    private func slow(_ reply: inout Reply) {
        var delivery = reply.delivery ?? Delivery()
        if delivery.pace.isImmediate { delivery.pace = configuration.pace }
        reply.delivery = delivery
    }

    private mutating func answer(
        _ route: Route, _ head: RequestHead, _ directives: Directives?, body: Span<UInt8>
    ) -> Reply {
        switch route {
        case .call(let call): return reply(to: call, head, directives, body: body)
        case .cache(let call):
            guard body.isEmpty else { return reply(to: call, head, body: body) }
            // What reads and deletes has no body.
            let empty = Array("{}".utf8)
            return reply(to: call, head, body: empty.span)
        case .chat(let call):
            return ChatResponder(configuration: configuration, credentials: credentials, call: call)
                .reply(head, body: body)
        case .token(let call):
            return TokenResponder(configuration: configuration, state: state).reply(to: call, head, body: body)
        case .listModels, .listTunedModels, .model: return models(route, head)
        case .control, .unknown: return .error(GoogleError(.notFound, "Method not found."))
        }
    }

    private var credentials: Credentials { Credentials(configuration: configuration, tokens: state.tokens) }

    // MARK: Models

    private func models(_ route: Route, _ head: RequestHead) -> Reply {
        do throws(GoogleError) {
            switch route {
            case .listModels(let backend):
                try credentials.check(head, backend)
                let pageSize = head.target.parameter("pageSize").flatMap { Int($0) }
                let pageToken = head.target.parameter("pageToken")
                return .json(ModelCatalogue.list(backend, pageSize: pageSize, pageToken: pageToken))
            case .listTunedModels(let backend):
                try credentials.check(head, backend)
                return .json(Array("{}".utf8))
            case .model(let backend, let name, let version):
                try credentials.check(head, backend)
                guard ModelCatalogue.serves(name) else {
                    throw GoogleError(.notFound, "Model is not found: models/\(name) for api version \(version)")
                }
                return .json(ModelCatalogue.entry(name, backend))
            default:
                throw GoogleError(.notFound, "Method not found.")
            }
        } catch {
            return .error(error)
        }
    }

    // MARK: Caches

    private mutating func reply(to call: CacheCall, _ head: RequestHead, body: Span<UInt8>) -> Reply {
        do throws(GoogleError) {
            try credentials.check(head, call.backend)
            let responder = CacheResponder(
                call: call, store: state.caches, clock: state.clock, minimumTokens: configuration.minimumCacheTokens)
            try parse(body)
            defer { tape.shrink(to: Self.keptEntries) }
            let json = tape.document(of: body)
            try FieldCheck.check(json, as: "CachedContent", call.backend, version: call.version)
            return .json(try responder.body(head, json))
        } catch {
            return .error(error)
        }
    }

    private mutating func parse(_ body: Span<UInt8>) throws(GoogleError) {
        do throws(JSONError) {
            try tape.parse(body)
        } catch {
            throw .invalid("Invalid JSON payload received. \(error.words) at byte \(error.offset).")
        }
    }

    // MARK: Calls

    private mutating func reply(
        to call: ModelCall, _ head: RequestHead, _ directives: Directives?, body: Span<UInt8>
    ) -> Reply {
        do throws(GoogleError) {
            try credentials.check(head, call.backend)
            try ModelCatalogue.check(call)
            try parse(body)
            defer { tape.shrink(to: Self.keptEntries) }
            let json = tape.document(of: body)
            try FieldCheck.check(json, as: call.method.message, call.backend, version: call.version)
            switch call.method {
            case .countTokens: return countTokens(call, json)
            case .embedContent, .batchEmbedContents, .predict:
                return .json(try EmbeddingResponder(call, seed: configuration.seed).body(json))
            case .generateContent, .streamGenerateContent:
                let responder = GenerationResponder(configuration, state, call, directives)
                return try responder.reply(json, isEventStream: head.target.parameter("alt") == "sse")
            }
        } catch {
            return .error(error, insideArray: isArrayStream(.call(call), head))
        }
    }

    private func countTokens(_ call: ModelCall, _ json: borrowing JSONDocument) -> Reply {
        let inner = json.value("generateContentRequest", or: "generate_content_request", of: .root) ?? .root
        let request = GenerateRequest(inner, of: json)
        return .json(TokenCountWriter.body(request, call.backend, json))
    }
}

extension JSONError {
    /// What Google's parser says of such a fault.
    fileprivate var words: String {
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
