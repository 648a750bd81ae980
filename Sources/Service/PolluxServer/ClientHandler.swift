import NIOCore
import NIOHTTP1
import PolluxConfiguration
import PolluxGateway
import PolluxJSON
import PolluxOpenAIWire
import PolluxTranslation

/// One client connection: collects a request, starts its exchange, writes what the exchange answers.
///
/// Framing is NIOHTTP1's, and known to this file only. Its pipelining handler gives one request at a time.
final class ClientHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private enum State {
        case idle
        case receiving(HTTPRequestHead, ByteBuffer?)
        /// The request was refused before its end: the rest of it is read and thrown away.
        case discarding
        case answering(Exchange)
        case closed
    }

    private let worker: Worker
    private var context: ChannelHandlerContext?
    private var state = State.idle
    private var since = NIODeadline.now()
    private var keepsAlive = true
    private var isHead = false

    init(worker: Worker) { self.worker = worker }

    /// Headers that an exchange may look at, beside those that are forwarded.
    private static let interesting: Set<String> = [
        "authorization", "x-goog-api-key", "api-key", "x-request-id", "x-pollux-explain", "x-goog-user-project",
        "x-goog-request-params", "x-vertex-ai-llm-request-type", "x-vertex-ai-llm-shared-request-type",
        "x-server-timeout",
    ]

    // MARK: Reading

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        worker.didOpen(self)
    }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): receive(head)
        case .body(let bytes): receive(bytes)
        case .end: receiveEnd()
        }
    }

    private func receive(_ head: HTTPRequestHead) {
        since = .now()
        keepsAlive = head.isKeepAlive
        isHead = head.method == .HEAD
        state = .receiving(head, nil)
        let limit = worker.gateway.configuration.limits.maxBodyBytes
        if let text = head.headers.first(name: "content-length"), let length = Int(text), length > limit {
            return refuse(Self.tooLarge(limit))
        }
        if head.headers.first(name: "expect")?.lowercased() == "100-continue" {
            write(.head(HTTPResponseHead(version: .http1_1, status: .continue)))
            context?.flush()
        }
    }

    private func receive(_ bytes: ByteBuffer) {
        guard case .receiving(let head, var body) = state else { return }
        let limit = worker.gateway.configuration.limits.maxBodyBytes
        guard (body?.readableBytes ?? 0) + bytes.readableBytes <= limit else { return refuse(Self.tooLarge(limit)) }
        state = .idle  // Gives the buffer up, so that it can grow in place.
        if body == nil {
            let length = head.headers.first(name: "content-length").flatMap { Int($0) } ?? 0
            if length > bytes.readableBytes, length <= limit, let context {
                var whole = context.channel.allocator.buffer(capacity: length)
                whole.writeImmutableBuffer(bytes)
                body = whole
            } else {
                body = bytes
            }
        } else {
            body?.writeImmutableBuffer(bytes)
        }
        state = .receiving(head, body)
    }

    private func receiveEnd() {
        switch state {
        case .receiving(let head, let body):
            let exchange = Exchange(client: self, worker: worker, request: request(head), body: body ?? ByteBuffer())
            state = .answering(exchange)
            exchange.start()
        case .discarding: state = .idle
        default: break
        }
    }

    private func request(_ head: HTTPRequestHead) -> ClientRequest {
        var headers: [(name: String, value: String)] = []
        let forwarded = worker.gateway.configuration.upstream.forwardHeaders
        for (name, value) in head.headers {
            let lowered = name.lowercased()
            if Self.interesting.contains(lowered) || forwarded.contains(lowered) { headers.append((lowered, value)) }
        }
        return ClientRequest(method: head.method.rawValue, target: head.uri, headers: headers)
    }

    private static func tooLarge(_ limit: Int) -> APIError {
        APIError(
            status: 413, kind: .invalidRequest, message: "The request body is too large: the limit is \(limit) bytes.",
            code: "request_too_large"
        )
    }

    /// Answers before the request was read, and ends the connection.
    private func refuse(_ error: APIError) {
        state = .discarding
        keepsAlive = false
        respond(error, headers: [("x-request-id", worker.identifiers.uuid())])
    }

    // MARK: Writing

    private func write(_ part: HTTPServerResponsePart) { context?.write(wrapOutboundOut(part), promise: nil) }

    private func head(_ status: Int, _ headers: [(String, String)]) -> HTTPResponseHead {
        var fields = HTTPHeaders()
        fields.reserveCapacity(headers.count + 3)
        for header in headers { fields.add(name: header.0, value: header.1) }
        fields.add(name: "date", value: worker.clock.date())
        if !keepsAlive { fields.add(name: "connection", value: "close") }
        return HTTPResponseHead(version: .http1_1, status: HTTPResponseStatus(statusCode: status), headers: fields)
    }

    /// Answers with one body.
    func respond(_ status: Int, headers: [(String, String)], body: ByteBuffer) {
        guard context != nil else { return }
        write(.head(head(status, headers + [("content-length", String(body.readableBytes))])))
        if !isHead, body.readableBytes > 0 { write(.body(.byteBuffer(body))) }
        finish()
    }

    /// Answers with an error's body and headers.
    func respond(_ error: APIError, headers: [(String, String)]) {
        var headers = headers
        headers.append(("content-type", "application/json"))
        if let delay = error.retryAfter {
            let milliseconds = delay.components.seconds * 1000 + delay.components.attoseconds / 1_000_000_000_000_000
            headers.append(("retry-after", String((milliseconds + 999) / 1000)))
            headers.append(("retry-after-ms", String(milliseconds)))
        }
        if let shouldRetry = error.shouldRetry { headers.append(("x-should-retry", shouldRetry ? "true" : "false")) }
        if error.status == 401 { headers.append(("www-authenticate", "Bearer")) }
        var body = error.body()
        if worker.gateway.configuration.errors.googleListWrapper {
            body = [UInt8(ascii: "[")] + body + [UInt8(ascii: "]")]
        }
        respond(error.status, headers: headers, body: ByteBuffer(bytes: body))
    }

    /// Begins a stream.
    func beginStream(headers: [(String, String)]) { write(.head(head(200, headers))) }

    func writeStream(_ bytes: ByteBuffer) { write(.body(.byteBuffer(bytes))) }

    func flush() { context?.flush() }

    /// Ends the answer: the connection waits for the next request, or closes.
    func finish() {
        guard let context else { return }
        let closes = !keepsAlive || worker.isDraining
        if case .discarding = state {} else { state = .idle }
        since = .now()
        if closes {
            state = .closed
            let promise = context.eventLoop.makePromise(of: Void.self)
            promise.futureResult.assumeIsolated().whenComplete { _ in self.close() }
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: promise)
        } else {
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        }
    }

    /// Whether the client takes what is written (STREAM-010).
    var isWritable: Bool { context?.channel.isWritable ?? false }

    // MARK: Ends

    func channelInactive(context: ChannelHandlerContext) {
        if case .answering(let exchange) = state { exchange.clientDidLeave() }
        state = .closed
        worker.didClose(self)
        context.fireChannelInactive()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if case .answering(let exchange) = state { exchange.clientIsWritable(context.channel.isWritable) }
        context.fireChannelWritabilityChanged()
    }

    /// What is not HTTP gets a 400 and the connection's end; nothing is read behind it.
    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard error is HTTPParserError, case .idle = state else { return close() }
        keepsAlive = false
        respond(
            .badRequest("We could not parse the HTTP request.", param: nil, code: "invalid_http"),
            headers: [("x-request-id", worker.identifiers.uuid())]
        )
    }

    func check(_ now: NIODeadline) {
        switch state {
        case .idle where now - since > worker.limits.idleConnection,
            .receiving where now - since > worker.limits.receiveRequest,
            .discarding where now - since > worker.limits.receiveRequest:
            close()
        default: break
        }
    }

    func closeIfIdle() {
        if case .idle = state { close() }
    }

    func close() { context?.close(promise: nil) }
}
