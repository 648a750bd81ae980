import NIOCore

/// One connection: HTTP/1.1, one request at a time.
///
/// Requests are written as bytes and answers cut by ``ResponseFraming``: NIO's own HTTP handlers cost more than
/// half of a small request here (docs/performance-changes.md).
final class UpstreamConnection: ChannelInboundHandler, Flushable {
    typealias InboundIn = ByteBuffer

    private enum State {
        case idle
        case waitingForHead
        case receiving
        case closed
    }

    let lane: UpstreamLane
    private let pool: UpstreamPool
    private let channel: any Channel
    private var writer: ConnectionWriter?
    var idleSince = NIODeadline.now()
    /// It takes no request from this moment on.
    let retiresAt: NIODeadline
    private var state = State.idle
    /// `nil` while it is used: taken out and put back, it is not held open, and needs no check of that.
    private var framing: ResponseFraming? = ResponseFraming()
    private var current: UpstreamCall?
    private var requests = 0
    private var isReading = true

    init(pool: UpstreamPool, lane: UpstreamLane, channel: any Channel) {
        self.pool = pool
        self.lane = lane
        self.channel = channel
        // Connections that were opened together do not end together.
        let age = pool.limits.maximumAge.nanoseconds
        retiresAt = .now() + .nanoseconds(age - Int64.random(in: 0...max(0, age / 10)))
    }

    /// Whether it may be kept for another request.
    var isReusable: Bool {
        if case .idle = state { return framing?.keepsAlive == true }
        return false
    }

    /// Whether it takes a request now.
    var isUsable: Bool { isReusable && channel.isActive }

    func handlerAdded(context: ChannelHandlerContext) {
        writer = ConnectionWriter(context: context, isDirect: !lane.address.isSecure)
    }

    func handlerRemoved(context: ChannelHandlerContext) { writer = nil }

    // MARK: Requests

    func start(_ request: UpstreamRequest, for call: UpstreamCall) {
        guard let writer else { return }
        current = call
        call.begin(on: self)
        requests += 1
        state = .waitingForHead
        writer.write(request.first)
        for piece in request.rest where piece.readableBytes > 0 { writer.write(piece) }
        pool.flushes.add(self)
    }

    func sendAtOnce() -> Bool { writer?.sendAtOnce() ?? true }

    func flushNow() { writer?.flush() }

    func cancel() {
        current = nil
        close()
    }

    func close() {
        state = .closed
        channel.close(promise: nil)
    }

    func setReading(_ isReading: Bool) {
        guard isReading != self.isReading, let options = channel.syncOptions else { return }
        self.isReading = isReading
        // A channel that is closed already has nothing to read: its error is of no interest.
        try? options.setOption(.autoRead, value: isReading)
        if isReading { channel.read() }
    }

    // MARK: Answers

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard let current else { return close() }  // Bytes that nobody asked for.
        let block = unwrapInboundIn(data)
        guard var framing = framing.take() else { return }  // A connection is not read while it is read.
        let isComplete = read(block, for: current, cutBy: &framing)
        self.framing = consume framing
        if isComplete, self.current != nil { finish(current) }
        if lane.address.isSecure { return }
        pool.memory.giveBack(block)
        if isReading { channel.readOn() }
    }

    /// Nobody is behind this handler.
    func channelReadComplete(context: ChannelHandlerContext) {}

    /// - Returns: whether the answer has ended.
    private func read(_ block: ByteBuffer, for current: UpstreamCall, cutBy framing: inout ResponseFraming) -> Bool {
        var bytes = block
        var body = ReadBody(pool.memory)
        do throws(UpstreamFailure) {
            while let event = try framing.next(&bytes) {
                switch event {
                case .head(let head):
                    state = .receiving
                    current.receiver?.upstream(current.number, didReceive: head)
                case .body(let piece):
                    if body.hasRoom(for: piece) {
                        body.append(piece)
                        continue
                    }
                    hand(&body, to: current)
                    body.append(piece)
                case .end:
                    hand(&body, to: current)
                    return true
                }
                if self.current == nil { return false }  // It was cancelled while it was told.
            }
            hand(&body, to: current)
            current.receiver?.upstreamDidFinishReading(current.number)
        } catch {
            hand(&body, to: current)
            fail(error)
            close()
        }
        return false
    }

    /// Tells what has come of the body in this read.
    private func hand(_ body: inout ReadBody, to current: UpstreamCall) {
        guard let bytes = body.take() else { return }
        current.receiver?.upstream(current.number, didReceive: bytes)
        body.giveBack(bytes)
    }

    private func finish(_ current: UpstreamCall) {
        self.current = nil
        let receiver = current.end()
        state = .idle
        setReading(true)
        pool.didFinish(self)
        receiver?.upstreamDidEnd(current.number)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        fail(.broken)
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        if let current, framing?.endsWithConnection == true {
            state = .closed
            self.current = nil
            current.end()?.upstreamDidEnd(current.number)
        } else {
            fail(.broken)
        }
        state = .closed
    }

    private func fail(_ failure: UpstreamFailure) {
        guard let current else { return }
        self.current = nil
        var failure = failure
        if case .waitingForHead = state, requests > 1, failure == .broken { failure = .staleConnection }
        state = .closed
        current.end()?.upstream(current.number, didFailWith: failure)
    }
}
