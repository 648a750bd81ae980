import NIOCore
import NIOHTTP1

/// One connection: HTTP/1.1, one request at a time.
///
/// Framing is NIOHTTP1's, and known to this file only.
final class UpstreamConnection: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundOut = HTTPClientRequestPart

    private enum State {
        case idle
        case waitingForHead
        case receiving
        case closed
    }

    private struct Current {
        var receiver: any UpstreamReceiver
        var call: Int
        var handle: UpstreamCall
        var isReused: Bool
    }

    let address: UpstreamAddress
    private let pool: UpstreamPool
    var channel: (any Channel)?
    var idleSince = NIODeadline.now()
    private var state = State.idle
    private var current: Current?
    private var requests = 0
    private var keepsAlive = true
    private var hasBytes = false
    private var isReading = true

    init(pool: UpstreamPool, address: UpstreamAddress) {
        self.pool = pool
        self.address = address
    }

    func addHandlers(to pipeline: ChannelPipeline.SynchronousOperations) throws {
        try pipeline.addHandler(HTTPRequestEncoder())
        try pipeline.addHandler(
            ByteToMessageHandler(HTTPResponseDecoder(leftOverBytesStrategy: .dropBytes, informationalResponseStrategy: .drop))
        )
        try pipeline.addHandler(self)
    }

    var isUsable: Bool {
        if case .idle = state { return keepsAlive && channel?.isActive == true }
        return false
    }

    // MARK: Requests

    func start(_ request: UpstreamRequest, receiver: any UpstreamReceiver, call: Int, handle: UpstreamCall) {
        guard let channel else { return }
        current = Current(receiver: receiver, call: call, handle: handle, isReused: requests > 0)
        requests += 1
        state = .waitingForHead
        var headers = HTTPHeaders()
        headers.reserveCapacity(request.headers.count + 2)
        headers.add(name: "host", value: address.authority)
        for header in request.headers { headers.add(name: header.name, value: header.value) }
        headers.add(name: "content-length", value: String(request.bodyBytes))
        let head = HTTPRequestHead(version: .http1_1, method: .POST, uri: request.target, headers: headers)
        let pipeline = channel.pipeline.syncOperations
        pipeline.write(NIOAny(HTTPClientRequestPart.head(head)), promise: nil)
        for piece in request.body where piece.readableBytes > 0 {
            pipeline.write(NIOAny(HTTPClientRequestPart.body(.byteBuffer(piece))), promise: nil)
        }
        pipeline.writeAndFlush(NIOAny(HTTPClientRequestPart.end(nil)), promise: nil)
    }

    func cancel() {
        current = nil
        close()
    }

    func close() {
        state = .closed
        channel?.close(promise: nil)
    }

    func setReading(_ isReading: Bool) {
        guard isReading != self.isReading, let channel, let options = channel.syncOptions else { return }
        self.isReading = isReading
        // A channel that is closed already has nothing to read: its error is of no interest.
        try? options.setOption(.autoRead, value: isReading)
        if isReading { channel.read() }
    }

    // MARK: Answers

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard let current else { return }
        switch unwrapInboundIn(data) {
        case .head(let head):
            state = .receiving
            keepsAlive = head.isKeepAlive
            current.receiver.upstream(
                current.call,
                didReceive: UpstreamResponseHead(
                    status: Int(head.status.code), contentType: head.headers.first(name: "content-type"),
                    retryAfter: head.headers.first(name: "retry-after"), date: head.headers.first(name: "date")
                )
            )
        case .body(let bytes):
            hasBytes = true
            current.receiver.upstream(current.call, didReceive: bytes)
        case .end:
            self.current = nil
            state = .idle
            setReading(true)
            pool.didFinish(self)
            current.receiver.upstreamDidEnd(current.call)
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        if hasBytes, let current {
            hasBytes = false
            current.receiver.upstreamDidFinishReading(current.call)
        }
        context.fireChannelReadComplete()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        fail(error is HTTPParserError ? .malformed : .broken)
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        fail(.broken)
        state = .closed
    }

    private func fail(_ failure: UpstreamFailure) {
        guard let current else { return }
        self.current = nil
        var failure = failure
        if case .waitingForHead = state, current.isReused, failure == .broken { failure = .staleConnection }
        state = .closed
        if !current.handle.isCancelled { current.receiver.upstream(current.call, didFailWith: failure) }
    }
}
