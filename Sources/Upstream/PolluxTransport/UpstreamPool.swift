public import NIOCore
import NIOPosix
public import NIOSSL

/// Connections to upstreams, kept open for the requests of one event loop.
///
/// A request never changes threads: client connection, exchange and upstream connection share a loop.
/// - Limits: see ``Limits``. A request that finds no free connection and may open no new one fails at
///   once with ``UpstreamFailure/overloaded``: waiting is the business of admission control.
public final class UpstreamPool {
    public struct Limits: Sendable {
        public var connectTimeout = TimeAmount.seconds(10)
        /// Connections to one address, in use or idle.
        public var maximumConnections = 4096
        /// Idle connections kept to one address.
        public var maximumIdle = 256
        /// How long an idle connection is kept. Google closes its own after some minutes.
        public var idleTimeout = TimeAmount.seconds(60)

        public init() {}
    }

    let loop: any EventLoop
    public var limits: Limits
    let flushes: FlushBatch
    private let tls: NIOSSLContext?
    private var lanes: [UpstreamAddress: UpstreamLane] = [:]
    /// The one that was used last: most loops have one upstream.
    private var lastLane: UpstreamLane?

    /// - Parameter tls: for `https` addresses; without it they are unreachable.
    public init(loop: any EventLoop, tls: NIOSSLContext?, flushes: FlushBatch, limits: Limits = Limits()) {
        self.loop = loop
        self.flushes = flushes
        self.tls = tls
        self.limits = limits
    }

    /// Connections open now.
    public var connectionCount: Int { lanes.values.reduce(0) { $0 + $1.count } }

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
        open(lane, request, receiver, call, handle)
        return handle
    }

    private func lane(to address: UpstreamAddress) -> UpstreamLane {
        if let lastLane, lastLane.address == address { return lastLane }
        let lane = lanes[address] ?? UpstreamLane(address: address)
        lanes[address] = lane
        lastLane = lane
        return lane
    }

    private func open(
        _ lane: UpstreamLane, _ request: UpstreamRequest, _ receiver: any UpstreamReceiver, _ call: Int,
        _ handle: UpstreamCall
    ) {
        let address = lane.address
        guard lane.count < limits.maximumConnections else {
            loop.assumeIsolated().execute {
                if !handle.isCancelled { receiver.upstream(call, didFailWith: .overloaded) }
            }
            return
        }
        lane.count += 1
        let connection = UpstreamConnection(pool: self, lane: lane)
        let tls = self.tls
        let bound = NIOLoopBound(connection, eventLoop: loop)
        ClientBootstrap(group: loop)
            .connectTimeout(limits.connectTimeout)
            .channelOption(.socketOption(.tcp_nodelay), value: 1)
            .channelOption(.maxMessagesPerRead, value: 4)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if address.isSecure {
                        guard let tls else { throw UpstreamFailure.unreachable("TLS is not set up") }
                        let isName = address.host.utf8.contains { ($0 | 0x20) &- UInt8(ascii: "a") < 26 }
                        try channel.pipeline.syncOperations.addHandler(
                            NIOSSLClientHandler(context: tls, serverHostname: isName ? address.host : nil)
                        )
                    }
                    try channel.pipeline.syncOperations.addHandler(bound.value)
                }
            }
            .connect(host: address.host, port: address.port)
            .assumeIsolated()
            .whenComplete { result in
                switch result {
                case .success(let channel):
                    connection.channel = channel
                    channel.closeFuture.assumeIsolated().whenComplete { _ in self.didClose(connection) }
                    if handle.isCancelled {
                        channel.close(promise: nil)
                    } else if !channel.isActive {
                        receiver.upstream(call, didFailWith: .unreachable("connection failed"))
                    } else {
                        handle.connection = connection
                        connection.start(request, receiver: receiver, call: call, handle: handle)
                    }
                case .failure(let error):
                    lane.count -= 1
                    if !handle.isCancelled {
                        receiver.upstream(call, didFailWith: .unreachable(Self.reason(error)))
                    }
                }
            }
    }

    private static func reason(_ error: any Error) -> String {
        switch error {
        case is NIOConnectionError: "connection failed"
        case is ChannelError: "connection timed out"
        case is NIOSSLError, is BoringSSLError: "TLS failed"
        default: "connection failed"
        }
    }

    // MARK: Keeping

    func didFinish(_ connection: UpstreamConnection) {
        guard connection.isUsable, connection.lane.idle.count < limits.maximumIdle else { return connection.close() }
        connection.idleSince = .now()
        connection.lane.idle.append(connection)
    }

    private func didClose(_ connection: UpstreamConnection) {
        connection.lane.count -= 1
        connection.lane.idle.removeAll { $0 === connection }
    }

    /// Closes connections that were idle for too long. To be called now and then.
    public func closeIdle(now: NIODeadline = .now()) {
        for lane in lanes.values {
            let old = lane.idle.filter { now - $0.idleSince > limits.idleTimeout }
            if old.isEmpty { continue }
            lane.idle.removeAll { now - $0.idleSince > limits.idleTimeout }
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
