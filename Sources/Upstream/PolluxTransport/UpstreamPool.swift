public import NIOCore
import NIOPosix

/// Connections to upstreams, kept open for the requests of one event loop.
///
/// A request never changes threads: client connection, exchange and upstream connection share a loop.
/// - Limits: see ``Limits``. A request that finds no free connection and may open no new one fails at
///   once with ``UpstreamFailure/overloaded``: waiting is the business of admission control.
public final class UpstreamPool {
    public struct Limits: Sendable {
        /// From the name's lookup to the end of the TLS handshake.
        public var connectTimeout = TimeAmount.seconds(10)
        /// Connections to one address, in use or idle.
        public var maximumConnections = 4096
        /// Idle connections kept to one address.
        public var maximumIdle = 256
        /// How long an idle connection is kept. Google closes its own after some minutes.
        public var idleTimeout = TimeAmount.seconds(60)
        /// How long a connection serves requests. A name that has got another address is noticed by then.
        public var maximumAge = TimeAmount.minutes(10)

        public init() {}
    }

    let loop: any EventLoop
    public var limits: Limits
    let flushes: FlushBatch
    /// What connections of the loop read into, those of clients too.
    public let memory: ReadMemory
    private let reads: NIOLoopBoundBox<ReadMemory>
    /// For `https` addresses; without it they are unreachable.
    public let tls: UpstreamTLS?
    private var lanes: [UpstreamAddress: UpstreamLane] = [:]
    /// The one that was used last: most loops have one upstream.
    private var lastLane: UpstreamLane?
    /// When ``closeIdle(now:)`` was called last.
    private var lastTick = NIODeadline.now()

    /// Must be made on its loop.
    public init(loop: any EventLoop, tls: UpstreamTLS?, flushes: FlushBatch, limits: Limits = Limits()) {
        self.loop = loop
        self.flushes = flushes
        memory = ReadMemory()
        reads = NIOLoopBoundBox(memory, eventLoop: loop)
        self.tls = tls
        self.limits = limits
    }

    /// Connections open now.
    public var connectionCount: Int { lanes.values.reduce(0) { $0 + $1.count } }

    /// Connections that wait for a request.
    public var idleCount: Int { lanes.values.reduce(0) { $0 + $1.idle.count } }

    /// Sends a request; the answer goes to `receiver` under the number `call`.
    ///
    /// - Returns: the handle by which it can be cancelled or slowed down.
    public func send(_ request: UpstreamRequest, to receiver: any UpstreamReceiver, call: Int) -> UpstreamCall {
        let handle = UpstreamCall()
        let lane = lane(to: request.address)
        while let connection = lane.idle.popLast() {
            guard connection.isUsable else { continue }
            handle.connection = connection
            connection.start(request, receiver: receiver, call: call, handle: handle)
            return handle
        }
        open(lane, for: Waiting(request: request, receiver: receiver, call: call, handle: handle))
        return handle
    }

    private func lane(to address: UpstreamAddress) -> UpstreamLane {
        if let lastLane, lastLane.address == address { return lastLane }
        let lane = lanes[address] ?? UpstreamLane(address: address)
        lanes[address] = lane
        lastLane = lane
        return lane
    }

    // MARK: Opening

    /// A request that waits for its new connection.
    private struct Waiting {
        let request: UpstreamRequest
        let receiver: any UpstreamReceiver
        let call: Int
        let handle: UpstreamCall

        func fail(_ failure: UpstreamFailure) {
            if !handle.isCancelled { receiver.upstream(call, didFailWith: failure) }
        }
    }

    private func open(_ lane: UpstreamLane, for waiting: Waiting) {
        let address = lane.address
        guard lane.count < limits.maximumConnections else {
            return loop.assumeIsolated().execute { waiting.fail(.overloaded) }
        }
        lane.count += 1
        let deadline = NIODeadline.now() + limits.connectTimeout
        // Names are looked up for each connection. Handlers come when it is there: several addresses of a name are
        // tried side by side, each on a channel of its own.
        ClientBootstrap(group: loop)
            .connectTimeout(limits.connectTimeout)
            .channelOption(.socketOption(.tcp_nodelay), value: 1)
            .channelOption(.recvAllocator, value: allocator(for: address))
            .channelOption(.maxMessagesPerRead, value: 1)
            .connect(host: address.host, port: address.port)
            .assumeIsolated()
            .whenComplete { result in
                switch result {
                case .success(let channel): self.didConnect(channel, lane, deadline, waiting)
                case .failure(let error):
                    self.release(lane)
                    waiting.fail(.unreachable(ConnectionFault.reason(error)))
                }
            }
    }

    /// NIOSSL keeps what it is given until it has decrypted it: with TLS a connection needs buffers of its own.
    private func allocator(for address: UpstreamAddress) -> any RecvByteBufferAllocator {
        address.isSecure
            ? AdaptiveRecvByteBufferAllocator(minimum: 512, initial: 1024, maximum: 65536) : ReadAllocator(reads)
    }

    private func didConnect(
        _ channel: any Channel, _ lane: UpstreamLane, _ deadline: NIODeadline, _ waiting: Waiting
    ) {
        let address = lane.address
        let connection = UpstreamConnection(pool: self, lane: lane, channel: channel)
        channel.closeFuture.assumeIsolated().whenComplete { _ in self.didClose(connection) }
        guard channel.isActive else { return waiting.fail(.unreachable("the connection was closed at once")) }
        do {
            let pipeline = channel.pipeline.syncOperations
            if address.isSecure {
                guard let tls else { throw UpstreamFailure.unreachable("TLS is not set up here") }
                try pipeline.addHandler(tls.handler(for: address))
                let handshake = UpstreamHandshake(address: address, deadline: deadline) { failure in
                    if let failure { waiting.fail(failure) } else { self.start(waiting, on: connection) }
                }
                try pipeline.addHandler(handshake)
                try pipeline.addHandler(connection)
            } else {
                try pipeline.addHandler(connection)
                start(waiting, on: connection)
            }
        } catch {
            channel.close(promise: nil)
            waiting.fail(error as? UpstreamFailure ?? .unreachable(ConnectionFault.reason(error)))
        }
    }

    private func start(_ waiting: Waiting, on connection: UpstreamConnection) {
        guard !waiting.handle.isCancelled else { return connection.close() }
        waiting.handle.connection = connection
        connection.start(
            waiting.request, receiver: waiting.receiver, call: waiting.call, handle: waiting.handle)
    }

    // MARK: Keeping

    func didFinish(_ connection: UpstreamConnection) {
        guard connection.isReusable, lastTick < connection.retiresAt, connection.lane.idle.count < limits.maximumIdle
        else {
            return connection.close()
        }
        connection.idleSince = lastTick
        connection.lane.idle.append(connection)
    }

    private func didClose(_ connection: UpstreamConnection) {
        connection.lane.idle.removeAll { $0 === connection }
        release(connection.lane)
    }

    /// One connection less. An address that has none is forgotten: clients may name as many locations as they like.
    private func release(_ lane: UpstreamLane) {
        lane.count -= 1
        guard lane.count == 0, lanes[lane.address] === lane else { return }
        lanes[lane.address] = nil
        if lastLane === lane { lastLane = nil }
    }

    /// Closes connections that were idle for too long, or are too old. To be called now and then: what is measured in
    /// minutes is measured by these calls.
    public func closeIdle(now: NIODeadline = .now()) {
        lastTick = now
        for lane in lanes.values {
            let isOver: (UpstreamConnection) -> Bool = {
                now - $0.idleSince > self.limits.idleTimeout || now >= $0.retiresAt
            }
            let old = lane.idle.filter(isOver)
            if old.isEmpty { continue }
            lane.idle.removeAll(where: isOver)
            for connection in old { connection.close() }
        }
    }

    /// Closes all idle connections.
    public func close() {
        for lane in lanes.values {
            let idle = lane.idle
            lane.idle = []
            for connection in idle { connection.close() }
        }
    }
}

/// The connections of one loop to one address.
final class UpstreamLane {
    let address: UpstreamAddress
    /// Those that wait for a request, the one used last at the end.
    var idle: [UpstreamConnection] = []
    /// All of them.
    var count = 0

    init(address: UpstreamAddress) { self.address = address }
}

/// A request under way.
public final class UpstreamCall {
    /// Until the answer has ended.
    var connection: UpstreamConnection? {
        didSet { connection?.setReading(isReading) }
    }
    public private(set) var isCancelled = false
    private var isReading = true

    init() {}

    /// Gives the request up: its connection is closed, and the receiver hears nothing more.
    public func cancel() {
        guard !isCancelled else { return }
        isCancelled = true
        connection?.cancel()
        connection = nil
    }

    /// Stops or goes on reading the answer, as the client takes it (STREAM-010).
    public func setReading(_ isReading: Bool) {
        self.isReading = isReading
        connection?.setReading(isReading)
    }
}
