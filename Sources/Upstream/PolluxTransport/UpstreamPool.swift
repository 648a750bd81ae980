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
    private(set) var limits: Limits
    let flushes: FlushBatch
    /// What connections of the loop read into, those of clients too.
    public let memory: ReadMemory
    private let reads: NIOLoopBound<ReadMemory>
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
        reads = NIOLoopBound(memory, eventLoop: loop)
        self.tls = tls
        self.limits = limits
    }

    /// Takes other limits, for connections that are opened or kept from now on.
    public func adopt(_ limits: Limits) { self.limits = limits }

    /// Connections open now.
    public var connectionCount: Int { lanes.values.reduce(0) { $0 + $1.count } }

    /// Connections that wait for a request.
    public var idleCount: Int { lanes.values.reduce(0) { $0 + $1.idle.count } }

    /// Sends a request; the answer goes to `receiver` under the number `call`.
    ///
    /// - Returns: the handle by which it can be cancelled or slowed down.
    public func send(_ request: UpstreamRequest, to receiver: any UpstreamReceiver, call: Int) -> UpstreamCall {
        let call = UpstreamCall(call, receiver)
        let lane = lane(to: request.address)
        while let connection = lane.takeIdle() {
            guard connection.isUsable else { continue }
            connection.start(request, for: call)
            return call
        }
        open(lane, for: call, request)
        return call
    }

    private func lane(to address: UpstreamAddress) -> UpstreamLane {
        if let lastLane, lastLane.address == address { return lastLane }
        let lane = lanes[address] ?? UpstreamLane(address: address)
        lanes[address] = lane
        lastLane = lane
        return lane
    }

    // MARK: Opening

    private func open(_ lane: UpstreamLane, for call: UpstreamCall, _ request: UpstreamRequest) {
        let address = lane.address
        guard lane.count < limits.maximumConnections else {
            return loop.assumeIsolated().execute { call.fail(.overloaded) }
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
                case .success(let channel): self.didConnect(channel, lane, deadline, call, request)
                case .failure(let error):
                    self.release(lane)
                    call.fail(.unreachable(ConnectionFault.reason(error)))
                }
            }
    }

    /// NIOSSL keeps what it is given until it has decrypted it: with TLS a connection needs buffers of its own.
    private func allocator(for address: UpstreamAddress) -> any RecvByteBufferAllocator {
        address.isSecure
            ? AdaptiveRecvByteBufferAllocator(minimum: 512, initial: 1024, maximum: 65536) : ReadAllocator(reads)
    }

    private func didConnect(
        _ channel: any Channel, _ lane: UpstreamLane, _ deadline: NIODeadline, _ call: UpstreamCall,
        _ request: UpstreamRequest
    ) {
        let address = lane.address
        let connection = UpstreamConnection(pool: self, lane: lane, channel: channel)
        channel.closeFuture.assumeIsolated().whenComplete { _ in self.didClose(connection) }
        guard channel.isActive else { return call.fail(.unreachable("the connection was closed at once")) }
        do {
            let pipeline = channel.pipeline.syncOperations
            if address.isSecure {
                guard let tls else { throw UpstreamFailure.unreachable("TLS is not set up here") }
                try pipeline.addHandler(tls.handler(for: address))
                let handshake = UpstreamHandshake(address: address, deadline: deadline) { failure in
                    if let failure { call.fail(failure) } else { self.start(request, for: call, on: connection) }
                }
                try pipeline.addHandler(handshake)
                try pipeline.addHandler(connection)
            } else {
                try pipeline.addHandler(connection)
                start(request, for: call, on: connection)
            }
        } catch {
            channel.close(promise: nil)
            call.fail(error as? UpstreamFailure ?? .unreachable(ConnectionFault.reason(error)))
        }
    }

    private func start(_ request: UpstreamRequest, for call: UpstreamCall, on connection: UpstreamConnection) {
        if call.isCancelled { connection.close() } else { connection.start(request, for: call) }
    }

    // MARK: Keeping

    func didFinish(_ connection: UpstreamConnection) {
        guard connection.isReusable, lastTick < connection.retiresAt, connection.lane.idle.count < limits.maximumIdle
        else {
            return connection.close()
        }
        connection.idleSince = lastTick
        connection.lane.keep(connection)
    }

    private func didClose(_ connection: UpstreamConnection) {
        _ = connection.lane.takeIdle { $0 === connection }
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
            for connection in lane.takeIdle(where: isOver) { connection.close() }
        }
    }

    /// Closes all idle connections.
    public func close() {
        for lane in lanes.values {
            for connection in lane.takeIdle(where: { _ in true }) { connection.close() }
        }
    }
}
