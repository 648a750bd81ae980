import NIOCore
public import NIOPosix
public import NIOSSL
import PolluxConfiguration
public import PolluxGateway
public import PolluxObservation
import PolluxTransport

/// The HTTP listener: one worker for each event loop, one loop for each connection.
public final class Server: Sendable {
    private let channel: any Channel
    private let workers: [NIOLoopBound<Worker>]
    private let limits: ServerLimits

    /// The port that is listened on.
    public var port: Int { channel.localAddress?.port ?? 0 }

    private init(channel: any Channel, workers: [NIOLoopBound<Worker>], limits: ServerLimits) {
        self.channel = channel
        self.workers = workers
        self.limits = limits
    }

    /// Begins to listen.
    ///
    /// - Parameters:
    ///   - tls: for upstreams on `https`.
    ///   - observers: who hears of requests that are over.
    public static func start(
        _ gateway: Gateway, group: MultiThreadedEventLoopGroup, tls: NIOSSLContext?,
        limits: ServerLimits = ServerLimits(), observers: Observers = Observers()
    ) async throws -> Server {
        var poolLimits = UpstreamPool.Limits()
        poolLimits.connectTimeout = .nanoseconds(gateway.configuration.upstream.connectTimeout)
        let admission = Admission()
        var workers: [NIOLoopBound<Worker>] = []
        for loop in group.makeIterator() {
            let limitsOfPool = poolLimits
            workers.append(
                try await loop.submit {
                    let flushes = FlushBatch(loop: loop)
                    return NIOLoopBound(
                        Worker(
                            loop: loop, gateway: gateway,
                            pool: UpstreamPool(loop: loop, tls: tls, flushes: flushes, limits: limitsOfPool),
                            flushes: flushes, limits: limits, admission: admission, observers: observers
                        ), eventLoop: loop
                    )
                }.get()
            )
        }
        let bound = workers
        let channel = try await ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 4096)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.socketOption(.tcp_nodelay), value: 1)
            .childChannelOption(.maxMessagesPerRead, value: 4)
            .childChannelOption(
                .writeBufferWaterMark,
                value: .init(low: limits.clientBuffer / 4, high: limits.clientBuffer)
            )
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    guard let worker = bound.first(where: { $0.eventLoop === channel.eventLoop })?.value else { return }
                    try channel.pipeline.syncOperations.addHandler(ClientHandler(worker: worker))
                }
            }
            .bind(host: gateway.configuration.listen.address, port: gateway.configuration.listen.port).get()
        return Server(channel: channel, workers: workers, limits: limits)
    }

    /// Stops listening, lets running requests finish within the limit, then ends them.
    public func shutdown() async {
        // The listener may be closed already.
        try? await channel.close().get()
        for worker in workers { worker.eventLoop.execute { worker.value.drain() } }
        let end = ContinuousClock.now + .nanoseconds(limits.drain.nanoseconds)
        while ContinuousClock.now < end {
            if await isIdle() { break }
            // Cancelled while waiting: then the wait is over.
            guard (try? await Task.sleep(for: .milliseconds(20))) != nil else { break }
        }
        for worker in workers {
            // The group may be gone already: then so are its connections.
            try? await worker.eventLoop.submit { worker.value.abandon() }.get()
        }
    }

    private func isIdle() async -> Bool {
        for worker in workers {
            let running = try? await worker.eventLoop.submit { worker.value.exchanges.count }.get()
            if let running, running > 0 { return false }
        }
        return true
    }
}
