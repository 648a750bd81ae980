import NIOCore

/// One connection: HTTP/1.1, one request at a time.
///
/// Requests are written as bytes and answers cut by ``ResponseFraming``: NIO's own HTTP handlers cost more than
/// half of a small request here (docs/performance.md).
final class UpstreamConnection: ChannelInboundHandler, Flushable {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

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

    let lane: UpstreamLane
    private let pool: UpstreamPool
    private let channel: any Channel
    private var context: ChannelHandlerContext?
    var idleSince = NIODeadline.now()
    /// It takes no request from this moment on.
    let retiresAt: NIODeadline
    private var state = State.idle
    private var framing = ResponseFraming()
    private var current: Current?
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
        if case .idle = state { return framing.keepsAlive }
        return false
    }

    /// Whether it takes a request now.
    var isUsable: Bool { isReusable && channel.isActive }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    // MARK: Requests

    func start(_ request: UpstreamRequest, receiver: any UpstreamReceiver, call: Int, handle: UpstreamCall) {
        guard let context else { return }
        current = Current(receiver: receiver, call: call, handle: handle, isReused: requests > 0)
        requests += 1
        state = .waitingForHead
        framing.reset()
        context.write(wrapOutboundOut(request.first), promise: nil)
        for piece in request.rest where piece.readableBytes > 0 {
            context.write(wrapOutboundOut(piece), promise: nil)
        }
        pool.flushes.add(self)
    }

    func flushNow() { context?.flush() }

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
        read(block, for: current)
        if !lane.address.isSecure { pool.memory.giveBack(block) }
    }

    private func read(_ block: ByteBuffer, for current: Current) {
        var bytes = block
        var body = ReadBody(pool.memory)
        do throws(UpstreamFailure) {
            while let event = try framing.next(&bytes) {
                switch event {
                case .head(let head):
                    state = .receiving
                    current.receiver.upstream(current.call, didReceive: head)
                case .body(let piece):
                    if body.hasRoom(for: piece) {
                        body.append(piece)
                        continue
                    }
                    hand(&body, to: current)
                    body.append(piece)
                case .end:
                    hand(&body, to: current)
                    return self.current == nil ? () : finish(current)
                }
                if self.current == nil { return }  // It was cancelled while it was told.
            }
            hand(&body, to: current)
            if self.current != nil { current.receiver.upstreamDidFinishReading(current.call) }
        } catch {
            hand(&body, to: current)
            fail(error)
            close()
        }
    }

    /// Tells what has come of the body in this read.
    private func hand(_ body: inout ReadBody, to current: Current) {
        guard let bytes = body.take() else { return }
        current.receiver.upstream(current.call, didReceive: bytes)
        body.giveBack(bytes)
    }

    private func finish(_ current: Current) {
        self.current = nil
        current.handle.connection = nil
        state = .idle
        setReading(true)
        pool.didFinish(self)
        current.receiver.upstreamDidEnd(current.call)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        fail(.broken)
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        if let current, framing.endsWithConnection {
            state = .closed
            self.current = nil
            current.handle.connection = nil
            current.receiver.upstreamDidEnd(current.call)
        } else {
            fail(.broken)
        }
        state = .closed
    }

    private func fail(_ failure: UpstreamFailure) {
        guard let current else { return }
        self.current = nil
        current.handle.connection = nil
        var failure = failure
        if case .waitingForHead = state, current.isReused, failure == .broken { failure = .staleConnection }
        state = .closed
        if !current.handle.isCancelled { current.receiver.upstream(current.call, didFailWith: failure) }
    }
}
