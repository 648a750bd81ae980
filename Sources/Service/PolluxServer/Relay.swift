import NIOCore
import PolluxConfiguration
import PolluxGateway
import PolluxJSON
import PolluxObservation
import PolluxOpenAIWire
import PolluxRelay
import PolluxSSE
import PolluxTranslation
import PolluxTransport

/// The part of an exchange that differs where the upstream speaks Chat Completions itself: the request travels as it
/// came, the answer as it was produced, but for the edits and repairs of `PolluxRelay`.
///
///     Exchange     route, identity, admission, credential, retries, deadlines, the client
///     Relay        the request's bytes and head, and what comes back
///
/// It belongs to its exchange, which lets it go at its end.
final class Relay: UpstreamReceiver {
    let exchange: Exchange
    let settings: RelaySettings
    /// The request's `model`, as it was sent.
    let model: String?
    /// `n`
    let choices: Int
    /// Whether the client got anything of the answer.
    var hasAnswered = false
    var events: EventCutter?
    var stream: RelayedStream?
    /// Of a whole answer; a stream has its own.
    var facts = AnswerFacts()

    /// Reads what must be known of the request, and writes its body upstream.
    init(_ exchange: Exchange, _ settings: RelaySettings, _ json: JSONDocument, model: String?) {
        self.exchange = exchange
        self.settings = settings
        self.model = model
        choices = RelayedRequest.value("n", of: json).flatMap { json.integer($0) } ?? 1
        exchange.plan.isStream = RelayedRequest.value("stream", of: json).flatMap { json.boolean($0) } ?? false
        var request = RelayedRequest(
            settings, minimumCapacity: min(exchange.body.readableBytes + 64, 1 << 20),
            spliceThreshold: exchange.worker.limits.spliceBytes
        )
        request.write(json)
        let body = request.isEdited ? exchange.upstreamBody(request.writer) : [exchange.body]
        exchange.calls = [Exchange.Call(body: body)]
    }

    /// The request line and headers, as bytes.
    func writeHead(_ route: ModelRoute, into head: inout ByteOutput) {
        head.append(exchange.plan.isStream ? route.streamHead : route.wholeHead)
        head.appendHeader("x-request-id", exchange.requestID)
        exchange.writeCredential(route, into: &head)
        for header in exchange.request.headers where header.name != "x-request-id" && exchange.isForwarded(header.name)
        {
            head.appendHeader(header.name, header.value)
        }
        exchange.writeTrace(into: &head)
    }

    /// A request is about to be sent: nothing is known of its answer.
    func begin() {
        events = nil
        stream = nil
    }

    // MARK: What comes back

    func upstream(_ call: Int, didReceive head: UpstreamResponseHead) {
        guard exchange.phase != .done else { return }
        exchange.calls[call].head = head
        exchange.calls[call].isBorrowed = true
        exchange.timings.firstByte = exchange.worker.now
        exchange.route?.backend.health.didAnswer()
        if !exchange.plan.isStream { exchange.firstByteDeadline = .distantFuture }
        if let journey = exchange.journey { exchange.didReceiveHead(head, call, journey) }
        if exchange.phase == .streaming { exchange.extendDeadline() }
        guard isAnswer(head), exchange.plan.isStream, isEventStream(head) else { return }
        events = EventCutter(maximumEventBytes: exchange.worker.limits.maximumEventBytes)
        stream = newStream()
    }

    func newStream() -> RelayedStream {
        RelayedStream(settings, model: model, choices: choices, credential: exchange.credentialOwner)
    }

    func isAnswer(_ head: UpstreamResponseHead) -> Bool { (200..<300).contains(head.status) }

    /// Anything but JSON is taken for events: some servers name no type. What is compressed has none to be read.
    private func isEventStream(_ head: UpstreamResponseHead) -> Bool {
        !head.isJSON && head.coding == nil
    }

    func upstream(_ call: Int, didReceive bytes: ByteBuffer) {
        guard exchange.phase != .done else { return }
        if events != nil {
            if stream?.isDone == true { return }
            exchange.extendDeadline()
            return relay(bytes)
        }
        exchange.calls[call].append(bytes)
        if (exchange.calls[call].answer?.readableBytes ?? 0) > exchange.worker.limits.maximumAnswerBytes {
            exchange.fail(Exchange.invalidAnswer)
        }
    }

    func upstreamDidFinishReading(_ call: Int) {
        exchange.upstreamDidFinishReading(call)
    }

    func upstreamDidEnd(_ call: Int) {
        guard exchange.phase != .done else { return }
        exchange.calls[call].handle = nil
        exchange.timings.upstreamEnd = exchange.worker.now
        guard let head = exchange.calls[call].head else { return exchange.fail(.internalError) }
        guard isAnswer(head) else { return didReceiveError(head) }
        if events != nil {
            finishStream()
        } else if exchange.plan.isStream {
            relayWholeAsStream()
        } else {
            finishAnswer(head)
        }
    }

    func upstream(_ call: Int, didFailWith failure: UpstreamFailure) {
        guard exchange.phase != .done else { return }
        if stream?.isDone == true { return end() }
        exchange.upstream(call, didFailWith: failure)
    }

    private func didReceiveError(_ head: UpstreamResponseHead) {
        let body = exchange.errorBody(head, 0)
        let error = ContainerError.translate(
            status: head.status, body: body.readableBytesUInt8Span,
            retryAfter: RetryAfter.duration(head, now: exchange.worker.clock.now), credential: exchange.credentialOwner
        ).advised(by: head)
        exchange.didReceive(error, 0, upstreamStatus: head.status)
    }
}
