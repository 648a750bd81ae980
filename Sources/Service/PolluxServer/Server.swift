import NIOCore
public import NIOPosix
public import PolluxCassette
import PolluxConfiguration
public import PolluxGateway
public import PolluxObservation
public import PolluxTransport
import Synchronization

/// The HTTP listener: one worker for each event loop, one loop for each connection.
public final class Server: Sendable {
    private let channel: any Channel
    let workers: [NIOLoopBound<Worker>]
    private let limits: ServerLimits
    private let current: Mutex<Gateway>
    private let poolState: PoolState
    /// Whose keys are taken.
    private let keys: KeyDirectory
    /// What became of reloads, for readiness and metrics.
    public let reloads: ReloadState

    /// The gateway that serves new requests.
    public var gateway: Gateway { current.withLock { $0 } }

    /// The port that is listened on.
    public var port: Int { channel.localAddress?.port ?? 0 }

    private init(
        channel: any Channel, workers: [NIOLoopBound<Worker>], limits: ServerLimits, gateway: Gateway,
        poolState: PoolState, keys: KeyDirectory, reloads: ReloadState
    ) {
        self.channel = channel
        self.workers = workers
        self.limits = limits
        self.poolState = poolState
        self.keys = keys
        self.reloads = reloads
        current = Mutex(gateway)
    }

    /// Begins to listen.
    ///
    /// - Parameters:
    ///   - keys: the keys of clients; those of the gateway's configuration when none are given.
    ///   - tls: for upstreams on `https`, and for media.
    ///   - storeState: a word for how the store is, for readiness.
    ///   - observers: who hears of requests that are over.
    ///   - recorder: writes down whole exchanges, where the operator wants that.
    public static func start(
        _ gateway: Gateway, keys: KeyDirectory? = nil, group: MultiThreadedEventLoopGroup, tls: UpstreamTLS?,
        limits: ServerLimits = ServerLimits(), storeState: (@Sendable () -> StaticString)? = nil,
        observers: Observers = Observers(), recorder: Recorder? = nil
    ) async throws -> Server {
        let admission = Admission()
        let poolState = PoolState()
        let keys = keys ?? KeyDirectory(gateway.configuration.auth)
        let ring = keys.ring
        let reloads = ReloadState(now: LoopClock().now)
        var workers: [NIOLoopBound<Worker>] = []
        for loop in group.makeIterator() {
            workers.append(
                try await loop.submit {
                    let flushes = FlushBatch(loop: loop)
                    return NIOLoopBound(
                        Worker(
                            loop: loop, gateway: gateway, keys: ring,
                            pool: UpstreamPool(
                                loop: loop, tls: tls, flushes: flushes, limits: .init(gateway.configuration)),
                            flushes: flushes, limits: limits, admission: admission, poolState: poolState,
                            reloads: reloads, storeState: storeState, observers: observers, recorder: recorder
                        ), eventLoop: loop
                    )
                }.get()
            )
        }
        let bound = workers
        for worker in bound {
            admission.join(
                worker.eventLoop, admitNext: { worker.value.admitNext() }, makeRoom: { worker.value.makeRoom() })
        }
        keys.listen { ring in
            for worker in bound { worker.eventLoop.execute { worker.value.adopt(ring) } }
        }
        let channel = try await ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 4096)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.socketOption(.tcp_nodelay), value: 1)
            .childChannelOption(.maxMessagesPerRead, value: 1)
            .childChannelOption(
                .writeBufferWaterMark,
                value: .init(low: limits.clientBuffer / 4, high: limits.clientBuffer)
            )
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    guard let worker = bound.first(where: { $0.eventLoop === channel.eventLoop })?.value else { return }
                    let handler = ClientHandler(worker: worker)
                    let allocator = ClientReadAllocator(handler: NIOLoopBound(handler, eventLoop: channel.eventLoop))
                    try channel.syncOptions?.setOption(.recvAllocator, value: allocator)
                    try channel.pipeline.syncOperations.addHandler(handler)
                }
            }
            .bind(host: gateway.configuration.listen.address, port: gateway.configuration.listen.port).get()
        return Server(
            channel: channel, workers: workers, limits: limits, gateway: gateway, poolState: poolState, keys: keys,
            reloads: reloads
        )
    }

    /// Every place that a pool has used, as it is now.
    public var places: [PlaceSnapshot] { poolState.places.snapshot(at: NIODeadline.now().milliseconds) }

    // MARK: Reload

    /// Serves new requests by this gateway from now on; those that run keep theirs.
    public func replace(with gateway: Gateway) async {
        current.withLock { $0 = gateway }
        await onEachLoop { $0.adopt(gateway) }
        keys.configure(gateway.configuration.auth)
        reloads.accept(now: LoopClock().now)
    }

    // MARK: Shutdown

    /// Stops listening and lets running requests finish within `shutdown.drain_timeout`; those that do not end with an
    /// error. Cancelled, it ends them at once.
    public func shutdown() async {
        await onEachLoop { $0.drain() }
        // The listener may be closed already.
        try? await channel.close().get()
        await wait(gateway.configuration.shutdown.drainTimeout) { $0.isDrained }
        await onEachLoop { $0.abandon() }
        await wait(limits.farewell) { $0.connections.isEmpty }
        await onEachLoop { $0.close() }
    }

    /// Waits until it is so on all loops, for a while; not at all when the task is cancelled.
    private func wait(_ limit: Duration, until isSo: @escaping @Sendable (Worker) -> Bool) async {
        let end = ContinuousClock.now + limit
        while ContinuousClock.now < end {
            if await onEachLoop(isSo).allSatisfy(\.self) { return }
            guard (try? await Task.sleep(for: .milliseconds(20))) != nil else { return }
        }
    }

    @discardableResult
    private func onEachLoop<Result: Sendable>(_ use: @escaping @Sendable (Worker) -> Result) async -> [Result] {
        var results: [Result] = []
        for worker in workers {
            // The group may be gone already: then so are its connections.
            if let result = try? await worker.eventLoop.submit({ use(worker.value) }).get() { results.append(result) }
        }
        return results
    }
}
