import NIOCore
import PolluxConfiguration
import PolluxGateway
import PolluxJSON
import PolluxObservation
import PolluxOpenAIWire
import PolluxTranslation
import PolluxTransport

/// The way of an embeddings request (EP-007). It shares the chat's: client, limits, credential, second tries, log.
///
///     start      authenticate, admit, parse, resolve the model, write one body for each call
///     launch     so many calls at a time as a fan-out has (EMB-004)
///     answer     each call's vectors are taken out of its answer at once; the last one ends the request
///
/// A server of one's own embeds itself: the request is relayed, as a chat is (09 § 7).
extension Exchange {
    func startEmbeddings(_ base: ChatBase) {
        do throws(APIError) {
            try prepareEmbeddings(base)
            acquireCredential()
        } catch {
            fail(error)
        }
    }

    private func prepareEmbeddings(_ base: ChatBase) throws(APIError) {
        try parse { (json: JSONDocument) throws(APIError) in
            let own = try EmbeddingsRequest(json)
            let model = own[.model].flatMap { json.isString($0) ? json.string($0) : nil }
            let route = try choose(try worker.routes(model: model, base: base)) { (route) throws(APIError) in
                guard let route = route.forEmbeddings else { throw Gateway.modelNotFound(model ?? "") }
                try identity.check(route, shown: model ?? "", unpriced: gateway.configuration.usage.unpriced)
            }
            try writeEmbeddings(own, json, to: route)
            try reserve(answers: 0, outputTokens: 0)
        }
    }

    /// Writes the bodies, one for each call.
    func writeEmbeddings(_ own: EmbeddingsRequest, _ json: JSONDocument, to chosen: ModelRoute) throws(APIError) {
        let route = chosen.forEmbeddings ?? chosen
        self.route = route
        note(route)
        if let settings = route.relay {
            relay = Relay(
                self, settings, json, model: own[.model].flatMap { json.isString($0) ? json.string($0) : nil })
            return
        }
        let explains = Explanation.isWanted(request, pollux: own[.pollux], extraBody: own[.extraBody], json)
        var notes = NoteTaker(isOn: explains.notes || explains.isStrict)
        let translator = try EmbeddingTranslator(own, of: json, to: route.target, notes: &notes)
        if explains.isStrict, let loss = notes.notes.first(where: \.isLoss) { throw Explanation.refusal(loss) }
        if explains.notes { explanation = Explanation.header(notes.notes) }
        embeddings = EmbeddingAnswers(translator.plan)
        var writer = JSONWriter()
        var calls = calls
        for index in translator.plan.calls.indices {
            writer.removeAll()
            translator.write(index, of: json, into: &writer)
            calls.append(
                Call(body: writer.output.withSpan { UpstreamBody(copying: $0, buffers: worker.spareBuffers) }))
        }
        self.calls = calls
    }

    /// One call is answered.
    func finishEmbeddings(_ call: Int) {
        let answer = calls[call].answer ?? ByteBuffer()
        calls[call].answer = nil  // The vectors are kept, in the form in which they go out.
        var isTaken = false
        var embeddings = embeddings.take()
        let failure = readAnswer(answer.readableBytesUInt8Span) { json in
            isTaken = embeddings?.add(json, call: call) == true
            if (embeddings?.bytes ?? 0) > worker.limits.maximumAnswerBytes { isTaken = false }
            return nil
        }
        self.embeddings = embeddings
        if let failure { return didReceive(failure, call) }
        // What was read and is none would be none again.
        guard isTaken else { return fail(Self.invalidAnswer) }
        calls[call].isDone = true
        calls[call].body = nil
        sendNext()
        finishEmbeddings()
    }

    private func finishEmbeddings() {
        guard phase != .done, calls.allSatisfy(\.isDone), let embeddings else { return }
        var usage = Usage()
        usage.promptTokens = embeddings.promptTokens
        worker.withOutput { output in
            embeddings.write(into: &output)
            finishAnswer(usage, &output)
        }
    }
}

extension APIError {
    /// The same error where the contents are an input and not messages (ERR-030).
    var aboutInput: APIError {
        var error = self
        if error.param == "messages" { error.param = "input" }
        return error
    }
}
