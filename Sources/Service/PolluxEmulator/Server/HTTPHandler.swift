import NIOCore
import NIOHTTP1

/// One connection: collects a request, asks the ``Responder``, writes the reply.
///
/// The pipeline in front hands over one request at a time, so pipelined requests wait their turn.
final class HTTPHandler: ChannelDuplexHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundIn = Never
    typealias OutboundOut = HTTPServerResponsePart

    private enum State {
        case idle
        case collecting(HTTPRequestHead, ByteBuffer)
        /// The body is above the limit: what is left of it is thrown away.
        case discarding(HTTPRequestHead)
        case replying
    }

    private let configuration: EmulatorConfiguration
    private var responder: Responder
    private var state = State.idle
    /// The next step of a reply with pauses.
    private var pause: Scheduled<Void>?
    /// Whether the head of the running reply was written.
    private var hasBegun = false
    /// A read that waits until the client has taken what was written.
    private var holdsRead = false

    init(_ configuration: EmulatorConfiguration, _ state: EmulatorState) {
        self.configuration = configuration
        responder = Responder(configuration, state)
    }

    // MARK: Reading

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): begin(head, context)
        case .body(let bytes): collect(bytes)
        case .end: finish(context)
        }
    }

    private func begin(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        let announced = head.headers.first(name: "content-length").flatMap { Int($0) } ?? 0
        let waits = head.headers.first(name: "expect")?.lowercased() == "100-continue"
        guard announced <= configuration.maximumBodyBytes else {
            if waits {
                // The client will not send its body, so this connection is of no further use.
                var last = head
                last.headers.replaceOrAdd(name: "connection", value: "close")
                write(tooLarge, to: last, context)
            } else {
                state = .discarding(head)
            }
            return
        }
        state = .collecting(head, ByteBuffer())
        if waits {
            let goAhead = HTTPResponseHead(version: head.version, status: .continue)
            context.writeAndFlush(wrapOutboundOut(.head(goAhead)), promise: nil)
        }
    }

    private func collect(_ bytes: ByteBuffer) {
        guard case .collecting(let head, var body) = state else { return }
        // The state must not hold the buffer while it grows, or it would be copied.
        state = .idle
        guard body.readableBytes + bytes.readableBytes <= configuration.maximumBodyBytes else {
            state = .discarding(head)
            return
        }
        if body.readableBytes == 0 {
            body = bytes
        } else {
            body.writeImmutableBuffer(bytes)
        }
        state = .collecting(head, body)
    }

    private func finish(_ context: ChannelHandlerContext) {
        switch state {
        case .collecting(let head, let body):
            var request = RequestHead(
                method: head.method.rawValue, uri: head.uri,
                authorization: head.headers.first(name: "authorization"),
                key: head.headers.first(name: "x-goog-api-key"),
                metadataFlavor: head.headers.first(name: "metadata-flavor")
            )
            for field in head.headers where LoggedRequest.shows(field.name) { request.shownFields.append(field) }
            write(responder.reply(to: request, body: body.readableBytesUInt8Span), to: head, context)
        case .discarding(let head):
            write(tooLarge, to: head, context)
        case .idle, .replying:
            break
        }
    }

    private var tooLarge: Reply { .error(.bodyTooLarge(maximum: configuration.maximumBodyBytes)) }

    // MARK: Writing

    private func write(_ reply: Reply, to request: HTTPRequestHead, _ context: ChannelHandlerContext) {
        state = .replying
        let (head, keepsAlive) = head(of: reply, to: request)
        guard let delivery = reply.delivery else {
            context.write(wrapOutboundOut(.head(head)), promise: nil)
            switch reply.body {
            case .complete(let body): write(body, context)
            case .pieces(let pieces): for piece in pieces { write(piece, context) }
            }
            return end(keepsAlive, context)
        }
        let isStream = if case .pieces = reply.body { true } else { false }
        hasBegun = false
        take(delivery.steps(reply.pieces, isStream: isStream)[...], head, keepsAlive, context)
    }

    /// The reply's head, and whether the connection lives on behind it.
    private func head(of reply: Reply, to request: HTTPRequestHead) -> (HTTPResponseHead, keepsAlive: Bool) {
        var head = HTTPResponseHead(
            version: request.version, status: HTTPResponseStatus(statusCode: reply.status))
        head.headers.add(name: "content-type", value: reply.contentType)
        head.headers.add(name: "server", value: "pollux-emulator")
        for field in reply.fields { head.headers.add(name: field.name, value: field.value) }
        let isChunked = request.version.major == 1 && request.version.minor >= 1
        var keepsAlive = request.isKeepAlive
        switch reply.body {
        case .complete(let body):
            head.headers.add(name: "content-length", value: String(body.count))
        case .pieces:
            // Without chunks, the end of the connection is the end of the stream.
            if !isChunked { keepsAlive = false }
        }
        if !keepsAlive {
            head.headers.add(name: "connection", value: "close")
        } else if !isChunked {
            head.headers.add(name: "connection", value: "keep-alive")
        }
        return (head, keepsAlive)
    }

    private func write(_ bytes: [UInt8], _ context: ChannelHandlerContext) {
        context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: bytes)))), promise: nil)
    }

    /// Does one step after the other, until one of them has to wait.
    private func take(
        _ steps: ArraySlice<Delivery.Step>, _ head: HTTPResponseHead, _ keepsAlive: Bool,
        _ context: ChannelHandlerContext
    ) {
        pause = nil
        var steps = steps
        while let step = steps.popFirst() {
            switch step {
            case .head:
                hasBegun = true
                context.write(wrapOutboundOut(.head(head)), promise: nil)
            case .bytes(let bytes): write(bytes, context)
            case .end: end(keepsAlive, context)
            case .fail(let fault): fail(fault, context)
            case .wait(let milliseconds):
                context.flush()
                let left = steps
                pause = context.eventLoop.assumeIsolated().scheduleTask(in: .milliseconds(Int64(milliseconds))) {
                    self.take(left, head, keepsAlive, context)
                }
                return
            }
        }
    }

    private func fail(_ fault: Delivery.Fault, _ context: ChannelHandlerContext) {
        switch fault {
        case .hang:
            context.flush()
        case .truncate:
            guard hasBegun else { return context.close(promise: nil) }
            close(behind: .body(.byteBuffer(ByteBuffer())), context)
        case .reset:
            context.flush()
            ConnectionReset.prepare(context.channel)
            context.close(promise: nil)
        }
    }

    private func end(_ keepsAlive: Bool, _ context: ChannelHandlerContext) {
        state = .idle
        if keepsAlive {
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        } else {
            close(behind: .end(nil), context)
        }
    }

    /// Closes when all is written, `last` included.
    private func close(behind last: OutboundOut, _ context: ChannelHandlerContext) {
        let written = context.eventLoop.makePromise(of: Void.self)
        written.futureResult.assumeIsolated().whenComplete { _ in context.close(promise: nil) }
        context.writeAndFlush(wrapOutboundOut(last), promise: written)
    }

    // MARK: The connection

    /// Reads no further request while the client does not take the answers to earlier ones.
    func read(context: ChannelHandlerContext) {
        if context.channel.isWritable {
            context.read()
        } else {
            holdsRead = true
        }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if holdsRead, context.channel.isWritable {
            holdsRead = false
            context.read()
        }
        context.fireChannelWritabilityChanged()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is IdleStateHandler.IdleStateEvent {
            context.close(promise: nil)
        } else {
            context.fireUserInboundEventTriggered(event)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        pause?.cancel()
        pause = nil
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
