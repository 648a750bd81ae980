import NIOCore
import PolluxCassette
import PolluxConfiguration
import PolluxGateway
import PolluxGoogleAuth
import PolluxJSON
import PolluxLimits
import PolluxObservation
import PolluxOpenAIWire
import PolluxSSE
import PolluxSecret
import PolluxTranslation
import PolluxTransport
import Synchronization

/// The way of one request: from its last byte to the answer's last byte, on one event loop.
///
///     start      route, authenticate, parse, resolve the model, translate
///     launch     credential, upstream call (several for a fan-out)
///     receive    upstream head, body or events, translated back
///     finish     answer's end, access log
///
/// Before the first byte went to the client a failure may be repeated; after it, it is told as it is.
final class Exchange {
    enum Phase { case waiting, preparing, calling, streaming, done }

    let client: ClientHandler
    let worker: Worker
    let gateway: Gateway
    let request: ClientRequest
    private(set) var body: ByteBuffer
    var phase = Phase.preparing
    var identity = ClientIdentity.anonymous
    var route: ModelRoute?
    var plan = ResponsePlan()
    var calls = Calls()
    var token: AccessToken?
    var stream: AnswerStream?
    /// What came of an embeddings request so far; `nil` for every other.
    var embeddings: EmbeddingAnswers?
    /// What came of the upstream's model list so far, while it is asked for.
    var listing: ModelListing?
    /// Takes the answer of an upstream that speaks Chat Completions itself (09).
    var relay: Relay?
    /// The way through a pool; `nil` where the model has one place.
    var journey: Journey?
    /// Where calls begin that were not sent yet.
    var startPosition = Journey.Position()
    /// Times that the whole request went to another backend.
    var moves = 0
    /// The second request to another location, once there was one.
    var hedge: Hedge?
    var retries = SpecialRetries()
    /// The form of the placeholder signature that this request sends (SIG-013).
    var literalPlaceholder: Bool?
    /// When the whole answer, or the next byte of a stream, must be there.
    var deadline = NIODeadline.distantFuture
    /// When the first byte must be there, for another try to be made.
    var firstByteDeadline = NIODeadline.distantFuture
    /// How long the client waits, as it says.
    var patience: TimeAmount?
    /// When the client must hear something (STREAM-006).
    var keepAlive = NIODeadline.distantFuture
    var isReading = true
    /// Counted in the process's running requests.
    var isAdmitted = false
    /// Counted in its key's running requests.
    var isCounted = false
    /// What it was taken to need at most, and what was reserved for that.
    var estimate = RequestRecord.TokenCounts()
    var reservation: KeyMeter.Reservation?
    /// What upstreams counted for answers that were thrown away.
    var spent = RequestRecord.TokenCounts()
    /// Media that the gateway fetched for this request, by URL.
    var fetched: [String: FetchedMedia] = [:]
    /// Of this exchange, where the operator asked for recordings.
    var recording: ExchangeRecording?
    /// The value of `x-pollux-notes`, when the client asked what became of its fields.
    var explanation: String?
    let requestID: String
    var timings = RequestRecord.Timings()
    /// What else is told of this request when it is over.
    var record = RequestRecord()
    /// Where it stands among the worker's exchanges, while it runs.
    var place: Int?

    /// Single second tries that do not count as retries (ERR-054).
    struct SpecialRetries {
        /// A token was fetched because one was refused.
        var refreshedToken = false
        /// A token that was refused gave way to another.
        var replacedToken = false
        var changedPlaceholder = false
        var droppedSampling = false
        var fetchedMedia = false
        var repeatedEmptyAnswer = false
        var repeatedMalformedCalls = 0
    }

    init(client: ClientHandler, worker: Worker, request: ClientRequest, body: ByteBuffer) {
        self.client = client
        self.worker = worker
        gateway = worker.gateway
        self.request = request
        self.body = body
        requestID = worker.requestID(of: request)
        timings.received = worker.clock.latest
        record.method = request.method
        record.path = request.loggedPath
        record.bytesIn = body.readableBytes
        record.trace = worker.trace(request)
    }

    // MARK: Start

    func start() {
        worker.didStart(self)
        do throws(RouteError) {
            switch try Route.find(request) {
            case .health:
                record.operation = .health
                respond(200, json: "{\"status\":\"ok\"}")
            case .readiness:
                record.operation = .health
                answerReadiness()
            case let route:
                record.operation = route.operation
                admit(to: route)
            }
        } catch {
            fail(error.error, headers: error.allow.map { [("allow", $0)] } ?? [])
        }
    }

    /// Answers with an error, whatever was asked for.
    func refuse(_ error: APIError) {
        worker.didStart(self)
        fail(error)
    }

    func startChat(_ base: ChatBase) {
        do throws(APIError) {
            try prepare(base)
            prepareCalls()
        } catch {
            fail(error)
        }
    }

    /// Parses the body and hands the document to `use`, with the loop's own tape.
    func parse(_ use: (JSONDocument) throws(APIError) -> Void) throws(APIError) {
        var tape = JSONTape()
        swap(&tape, &worker.requestTape)
        let failure = Self.parse(body, &tape, knowing: worker.requestTranslator.knownArrays, use)
        swap(&tape, &worker.requestTape)
        if let failure { throw failure }
    }

    private static func parse(
        _ body: ByteBuffer, _ tape: inout JSONTape, knowing known: KnownArrays,
        _ use: (JSONDocument) throws(APIError) -> Void
    ) -> APIError? {
        let bytes = body.readableBytesUInt8Span
        do throws(JSONError) {
            try tape.parse(bytes, knowing: known)
        } catch {
            return notJSON
        }
        do throws(APIError) {
            try use(tape.document(of: bytes))
            return nil
        } catch {
            return error
        }
    }

    /// Parses the body, finds the model's route and translates.
    private func prepare(_ base: ChatBase) throws(APIError) {
        try parse { (json: JSONDocument) throws(APIError) in
            let chat = try ChatCompletionRequest(json)
            var model: String?
            if let node = chat[.model], json.isString(node) { model = worker.modelName(node, of: json) }
            let route = try choose(try worker.routes(model: model, base: base)) { (route) throws(APIError) in
                let unpriced = gateway.configuration.usage.unpriced
                try identity.check(route, shown: model ?? route.target.model, unpriced: unpriced)
            }
            try write(chat, json, to: route)
            let count = chat[.n].flatMap { json.integer($0) } ?? 1
            let limit = chat[.maxCompletionTokens] ?? chat[.maxTokens]
            try reserve(answers: count, outputTokens: plan.maxOutputTokens ?? limit.flatMap { json.integer($0) })
        }
    }

    /// Writes what goes upstream, in the upstream's language.
    func write(_ chat: ChatCompletionRequest, _ json: JSONDocument, to route: ModelRoute) throws(APIError) {
        self.route = route
        note(route)
        if let settings = route.relay {
            let model = chat[.model].flatMap { json.isString($0) ? json.string($0) : nil }
            relay = Relay(self, settings, json, model: model)
        } else {
            try translate(chat, json, to: route)
            if let location = plan.cacheLocation, let there = stayAtCache(location) {
                self.route = there
                try translate(chat, json, to: there)
            }
        }
        record.isStream = plan.isStream
    }

    /// Writes the upstream bodies, one for each call.
    private func translate(_ chat: ChatCompletionRequest, _ json: JSONDocument, to route: ModelRoute) throws(APIError) {
        let sendsLiteral = literalPlaceholder ?? route.backend.wantsLiteralPlaceholder.load(ordering: .relaxed)
        literalPlaceholder = sendsLiteral
        guard sendsLiteral || retries.droppedSampling || retries.fetchedMedia else {
            return try translate(chat, json, to: route, route.target, with: &worker.requestTranslator)
        }
        var target = route.target
        target.sendsLiteralPlaceholder = sendsLiteral
        if retries.droppedSampling { target.profile.takesSampling = false }
        if retries.fetchedMedia { target.settings.mediaMode = .fetch }
        try translate(chat, json, to: route, target, with: &worker.requestTranslator)
    }

    private func translate(
        _ chat: ChatCompletionRequest, _ json: JSONDocument, to route: ModelRoute, _ target: TranslationTarget,
        with translator: inout RequestTranslator
    ) throws(APIError) {
        let explains = Explanation.isWanted(request, chat, json)
        var notes = NoteTaker(isOn: explains.notes || explains.isStrict)
        let signatures = self.signatures(for: route)
        var calls = calls
        var index = 0
        var count = 1
        repeat {
            let plan = try translator.translate(
                chat, of: json, to: target, call: index, media: fetched, signatures: signatures,
                audio: RequestAudio(exchange: self, route: route), notes: &notes
            )
            if plan.calls > 1, translator.writer.output.count > Self.maximumFanOutBytes / plan.calls {
                throw Self.tooLargeForFanOut(plan.calls)
            }
            let body = upstreamBody(translator.writer)
            if index < calls.count { calls[index].body = body } else { calls.append(Call(body: body)) }
            index += 1
            count = plan.calls
            self.plan = plan
        } while index < count
        self.calls = calls
        if explains.isStrict, let loss = notes.notes.first(where: \.isLoss) { throw Explanation.refusal(loss) }
        if explains.notes { explanation = Explanation.header(notes.notes) }
    }

    /// What the bodies of several calls may take, without what is sent from the client's own bytes.
    private static let maximumFanOutBytes = 256 * 1024 * 1024

    /// The vault, as this request may see it.
    private func signatures(for route: ModelRoute) -> any SignatureSource {
        guard route.target.profile.thinks else { return NoSignatures() }
        guard let vault = gateway.vault else { return moves > 0 ? ForeignSignatures() : NoSignatures() }
        let others = journey?.others(than: route).map(vaultScope) ?? []
        if vault.isEmpty, others.isEmpty, moves == 0 { return NoSignatures() }
        return ScopedSignatures(
            vault, vaultScope(route), others: others, acceptsUnknown: moves == 0, now: worker.clock.now
        )
    }

    func tenant(_ route: ModelRoute) -> String {
        let route = journey?.home(of: route) ?? route
        let project = route.target.service == .vertex ? route.target.project : ""
        return identity.tenant(project: project, location: route.target.location)
    }

    private func vaultScope(_ route: ModelRoute) -> SignatureVault.Scope {
        SignatureVault.Scope(
            tenant: tenant(route), backend: route.backend.name, needsSignatures: route.target.profile.needsSignatures
        )
    }

    /// Whether this answer's signatures are to be kept; its speech always is.
    var remembers: Bool { gateway.vault != nil && route?.target.profile.thinks == true }

    /// For the vault's keys of this answer's messages.
    var contentDigest: (any ContentDigest)? { route.flatMap { gateway.vault?.digest(in: vaultScope($0)) } }

    func remember(_ answer: RememberedAnswer) {
        guard let route, !answer.isEmpty || !answer.audio.isEmpty else { return }
        gateway.audio.remember(answer, tenant: tenant(route), now: worker.clock.now)
        if remembers, !answer.isEmpty { gateway.vault?.remember(answer, in: vaultScope(route), now: worker.clock.now) }
    }

    /// The body that was written, with the client's own bytes in it where they were spliced.
    func upstreamBody(_ writer: borrowing JSONWriter) -> UpstreamBody {
        let splices = writer.splices
        return writer.output.withSpan { span in
            guard let first = splices.first else { return UpstreamBody(copying: span, buffers: worker.spareBuffers) }
            var pieces = UpstreamBody(copying: span.extracting(0..<first.position), buffers: worker.spareBuffers)
            for (index, splice) in splices.enumerated() {
                let source = body.readerIndex + splice.source.lowerBound
                if let slice = body.getSlice(at: source, length: splice.source.count) { pieces.append(slice) }
                let next = index + 1 < splices.count ? splices[index + 1].position : span.count
                if next > splice.position {
                    pieces.append(ByteBuffer(copying: span.extracting(splice.position..<next)))
                }
            }
            return pieces
        }
    }

    /// Translates again, for a second try with other settings.
    func retranslate() throws(APIError) {
        guard let route else { return }
        try parse { (json: JSONDocument) throws(APIError) in
            try translate(try ChatCompletionRequest(json), json, to: route)
        }
    }

    /// Lets go of what was only kept to be sent again.
    func forgetRequest() {
        calls.forEach { $0.body.take()?.giveBack(to: worker.spareBuffers) }
        var body = ByteBuffer()
        swap(&body, &self.body)
        worker.spareBuffers.giveBack(body)
        worker.bodies.giveBack(body)
    }

    // MARK: Credential

    /// Goes on at once with a token that is there, else when one has come.
    func acquireCredential() {
        guard let route else { return }
        let now = worker.now
        timings.translated = now
        switch route.backend.credential {
        case .passthrough, .apiKey, .none: launch(at: now)
        case .token(let cache):
            if let usable = cache.usableToken() {
                token = usable
                return launch(at: now)
            }
            let loop = worker.loop
            let owner = NIOLoopBound(self, eventLoop: loop)
            // A task of its own: the token is shared, and other requests may wait for it when this client leaves.
            Task {
                let result: Result<AccessToken, CredentialError>
                do throws(CredentialError) {
                    result = .success(try await cache.token())
                } catch {
                    result = .failure(error)
                }
                loop.execute { owner.value.didAcquire(result) }
            }
        }
    }

    private func didAcquire(_ result: Result<AccessToken, CredentialError>) {
        guard phase != .done else { return }
        switch result {
        case .success(let token):
            self.token = token
            launch(at: worker.now)
        case .failure:
            if leaveBackend() { return }
            fail(UpstreamError.gatewayCredentialFailed)
        }
    }
}

extension TimeAmount {
    static func nanoseconds(_ duration: Duration) -> TimeAmount { .nanoseconds(duration.nanoseconds) }
}

extension ByteOutput {
    /// Appends one header's line. A value with a control character cannot come from a parsed request; it would
    /// be left out.
    mutating func appendHeader(_ name: String, prefix: StaticString = "", _ value: String) {
        let bytes = value.utf8Span.span
        for index in bytes.indices where bytes[index] < 0x20 && bytes[index] != 0x09 { return }
        append(name.utf8Span.span)
        append(": " as StaticString)
        append(prefix)
        append(bytes)
        append("\r\n" as StaticString)
    }
}

extension ByteBuffer {
    init(copying bytes: Span<UInt8>) {
        self.init()
        reserveCapacity(bytes.count)
        write(copying: bytes)
    }
}
