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
    /// The next piece of a stream with pauses.
    private var pause: Scheduled<Void>?
    /// A read that waits until the client has taken what was written.
    private var holdsRead = false

    init(_ configuration: EmulatorConfiguration) {
        self.configuration = configuration
        responder = Responder(configuration)
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
            let request = RequestHead(
                method: head.method.rawValue, uri: head.uri,
                authorization: head.headers.first(name: "authorization"),
                key: head.headers.first(name: "x-goog-api-key")
            )
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
        var head = HTTPResponseHead(
            version: request.version, status: HTTPResponseStatus(statusCode: reply.status))
        head.headers.add(name: "content-type", value: reply.contentType)
        head.headers.add(name: "server", value: "pollux-emulator")
        let isChunked = request.version.major == 1 && request.version.minor >= 1
        var keepsAlive = request.isKeepAlive
        switch reply.body {
        case .complete(let body):
            head.headers.add(name: "content-length", value: String(body.count))
        case .pieces:
            head.headers.add(name: "content-disposition", value: "attachment")
            // Without chunks, the end of the connection is the end of the stream.
            if !isChunked { keepsAlive = false }
        }
        if !keepsAlive {
            head.headers.add(name: "connection", value: "close")
        } else if !isChunked {
            head.headers.add(name: "connection", value: "keep-alive")
        }
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        switch reply.body {
        case .complete(let body):
            write(body, context)
            end(keepsAlive, context)
        case .pieces(let pieces) where configuration.chunkDelayMilliseconds > 0:
            writeSlowly(pieces[...], keepsAlive, context)
        case .pieces(let pieces):
            for piece in pieces { write(piece, context) }
            end(keepsAlive, context)
        }
    }

    private func write(_ bytes: [UInt8], _ context: ChannelHandlerContext) {
        context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: bytes)))), promise: nil)
    }

    private func writeSlowly(
        _ pieces: ArraySlice<[UInt8]>, _ keepsAlive: Bool, _ context: ChannelHandlerContext
    ) {
        pause = nil
        guard let piece = pieces.first else { return end(keepsAlive, context) }
        write(piece, context)
        context.flush()
        pause = context.eventLoop.assumeIsolated().scheduleTask(
            in: .milliseconds(Int64(configuration.chunkDelayMilliseconds))
        ) {
            self.writeSlowly(pieces.dropFirst(), keepsAlive, context)
        }
    }

    private func end(_ keepsAlive: Bool, _ context: ChannelHandlerContext) {
        state = .idle
        guard !keepsAlive else {
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
            return
        }
        let written = context.eventLoop.makePromise(of: Void.self)
        written.futureResult.assumeIsolated().whenComplete { _ in context.close(promise: nil) }
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: written)
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
