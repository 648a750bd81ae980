import PolluxJSON

/// Answers `generateContent` and `streamGenerateContent`.
struct GenerationResponder {
    private let configuration: EmulatorConfiguration
    private let state: EmulatorState
    private let call: ModelCall
    /// What the script asks for.
    private let scripted: Directives?

    init(_ configuration: EmulatorConfiguration, _ state: EmulatorState, _ call: ModelCall, _ scripted: Directives?) {
        self.configuration = configuration
        self.state = state
        self.call = call
        self.scripted = scripted
    }

    /// The model that tuned models are taken to be made from.
    private static let tunedModelBase = "gemini-2.5-flash"

    /// Answers a request whose fields have been checked.
    ///
    /// - Throws: a refusal by the rules of the service.
    func reply(_ json: borrowing JSONDocument, isEventStream: Bool) throws(GoogleError) -> Reply {
        let traits = ModelTraits(model: call.isTuned ? Self.tunedModelBase : call.model)
        let request = GenerateRequest(.root, of: json)
        try RequestRules(backend: call.backend, model: call.model, traits: traits, request: request).check(json)
        guard let name = request.cachedContent, !name.isEmpty else {
            return try reply(request, traits, json, isEventStream: isEventStream)
        }
        let cache = try CacheUse(call: call, store: state.caches).cache(named: name)
        let merged = cache.merged(into: json)
        var tape = JSONTape()
        do throws(JSONError) {
            try tape.parse(merged.span)
        } catch {
            throw GoogleError(.internalError)
        }
        let whole = tape.document(of: merged.span)
        return try reply(
            GenerateRequest(.root, of: whole), traits, whole, cached: cache.tokens, isEventStream: isEventStream)
    }

    private func reply(
        _ request: GenerateRequest, _ traits: ModelTraits, _ json: borrowing JSONDocument,
        cached: PromptTokens? = nil, isEventStream: Bool
    ) throws(GoogleError) -> Reply {
        var hash = Hash()
        hash.add(configuration.seed)
        hash.add(call.model)
        hash.add(json.bytes)
        var chance = Chance(hash.value)
        var text = request.lastUserText(json)
        let asked = try Directives.take(from: &text)
        let composer = AnswerComposer(
            backend: call.backend, model: call.model, traits: traits, request: request, seed: chance.next(),
            text: text, directives: (asked ?? Directives()).filled(from: scripted)
        )
        var answer = composer.answer(json)
        answer.cachedTokens = cached
        let writer = ResponseWriter(
            backend: call.backend, model: call.model, responseID: chance.identifier(length: 22),
            createTime: Timestamp.text(seconds: state.clock.seconds), answer: answer
        )
        guard call.method == .streamGenerateContent else { return .json(writer.whole()) }
        let streamsArguments = request.streamsArguments && call.backend == .vertex && traits.isThirdGeneration
        var cutter = StreamCutter(chance: Chance(chance.next()), streamsArguments: streamsArguments)
        let events = writer.events(cutter.events(answer))
        var reply = isEventStream ? Reply.eventStream(events) : Reply.arrayStream(events)
        reply.fields.append(("content-disposition", "attachment"))
        return reply
    }
}
