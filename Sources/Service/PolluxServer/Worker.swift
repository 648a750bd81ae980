import NIOCore
import PolluxCassette
import PolluxConfiguration
import PolluxGateway
import PolluxJSON
import PolluxLimits
import PolluxObservation
import PolluxOpenAIWire
import PolluxTranslation
import PolluxTransport

/// What belongs to one event loop: its upstream connections, its memory, its requests.
///
/// Nothing here is shared with another loop, so nothing is locked. A ``Gateway`` is replaced as a whole.
final class Worker {
    let loop: any EventLoop
    let pool: UpstreamPool
    let limits: ServerLimits
    let admission: Admission
    let poolState: PoolState
    let reloads: ReloadState
    /// A word for how the store is; `nil` when there is none.
    let storeState: (@Sendable () -> StaticString)?
    let flushes: FlushBatch
    let recorder: Recorder?
    private(set) var gateway: Gateway
    var requestTranslator = RequestTranslator()
    var requestTape = JSONTape()
    private var answerTape = JSONTape()
    private var output = JSONWriter(minimumCapacity: 16384)
    private var head = ByteOutput(minimumCapacity: 1024)
    var bodies = BodyMemory()
    let readers = RequestReaders()
    let spareBuffers = SpareBuffers()
    private var identifiers: IdentifierSource
    let clock = LoopClock()
    /// The keys that are valid, and those that were shown lately.
    var keys: RecentKeys
    /// Requests that wait until others have ended.
    private var line = CircularBuffer<(exchange: Exchange, route: Route)>()
    private var today = CalendarPeriods(seconds: 0)
    private var accessLog: AccessLog
    private let sinks: [any RecordSink]
    private(set) var recent: RecentRecords
    private let sampling: Sampling?
    var metrics = LoopMetrics()
    /// Answers that are being streamed.
    var openStreams = 0
    private var knownRoutes: [RouteKey: Routes] = [:]
    /// Those that were asked for last: most loops serve one model most of the time.
    private var lastRoutes: KnownRoutes?
    /// Requests that run; each knows its place.
    private(set) var exchanges: [Exchange] = []
    private(set) var connections: [ObjectIdentifier: ClientHandler] = [:]
    private var ticking = false
    private var nextConnectionCheck = NIODeadline.now()
    private(set) var isDraining = false

    init(
        loop: any EventLoop, gateway: Gateway, keys: KeyRing, pool: UpstreamPool, flushes: FlushBatch,
        limits: ServerLimits, admission: Admission, poolState: PoolState, reloads: ReloadState,
        storeState: (@Sendable () -> StaticString)?, observers: Observers, recorder: Recorder?
    ) {
        self.loop = loop
        self.flushes = flushes
        self.admission = admission
        self.poolState = poolState
        self.reloads = reloads
        self.storeState = storeState
        self.gateway = gateway
        self.recorder = recorder
        self.keys = RecentKeys(keys)
        self.pool = pool
        self.limits = limits
        accessLog = AccessLog(sink: observers.accessLog, format: observers.accessLogFormat)
        sinks = observers.records.map { $0() }
        recent = RecentRecords(maximum: observers.recentRequests)
        sampling = observers.sampling
        var random = SystemRandomNumberGenerator()
        identifiers = IdentifierSource(seed: (random.next(), random.next()))
        requestTranslator.spliceThreshold = limits.spliceBytes
    }

    /// What decides a model's route.
    private struct RouteKey: Hashable {
        var model: String
        var base: ChatBase
    }

    private final class KnownRoutes {
        let key: RouteKey
        let routes: Routes

        init(_ key: RouteKey, _ routes: Routes) {
            self.key = key
            self.routes = routes
        }
    }

    /// Routes that are remembered; a gateway serves few models, a hostile client may name many.
    private static let maximumRoutes = 1024

    /// Where a model's requests go.
    struct Routes {
        let route: ModelRoute
        /// All of them, where there are several.
        var pool: RoutePool?
    }

    /// The routes of a model, remembered: profiles and addresses need not be found anew for each request.
    func routes(model: String?, base: ChatBase) throws(APIError) -> Routes {
        guard let model else { return Routes(route: try gateway.route(model: nil, base: base)) }
        if let lastRoutes, lastRoutes.key.model == model, lastRoutes.key.base == base { return lastRoutes.routes }
        let key = RouteKey(model: model, base: base)
        if let known = knownRoutes[key] {
            lastRoutes = KnownRoutes(key, known)
            return known
        }
        let found = try gateway.routes(model: model, base: base)
        var routes = Routes(route: found[0].route)
        if found.count > 1 { routes.pool = RoutePool(found, memory: poolState.places) }
        if knownRoutes.count >= Self.maximumRoutes { knownRoutes.removeAll() }
        knownRoutes[key] = routes
        return routes
    }

    /// A request's model: most often that of the request before, whose text serves again.
    func modelName(_ node: JSONNode, of json: JSONDocument) -> String {
        if let last = lastRoutes?.key.model, json.stringEquals(node, last) { return last }
        return json.string(node)
    }

    /// Where a request stands in a trace; `nil` for one that is not traced.
    func trace(_ request: ClientRequest) -> TraceContext? {
        sampling?.begin(request.header("traceparent")) { withIdentifiers { $0.word() } }
    }

    /// Whether upstreams hear of traces.
    var propagatesTraces: Bool { sampling?.propagates ?? false }

    /// Nanoseconds of the monotonic clock: a reading of it.
    var now: UInt64 { clock.read() }

    /// The last reading: good enough for what the same turn of the loop has begun with one.
    var latest: NIODeadline { .uptimeNanoseconds(clock.latest) }

    // MARK: Memory
    //
    // What is used is taken out meanwhile and put back: so it is not held open, and needs no check of that. Whoever
    // asks for it in between gets some of his own.

    /// Hands the loop's own memory for heads to `use`, empty.
    func withHead<Result>(_ use: (inout ByteOutput) -> Result) -> Result {
        var head = ByteOutput(minimumCapacity: 0)
        swap(&head, &self.head)
        defer { swap(&head, &self.head) }
        head.removeAll()
        return use(&head)
    }

    /// Hands the loop's own memory for answers to `use`, empty.
    func withOutput(_ use: (inout JSONWriter) -> Void) {
        var output = JSONWriter(minimumCapacity: 0)
        swap(&output, &self.output)
        defer { swap(&output, &self.output) }
        output.removeAll()
        use(&output)
        output.removeAll()
        output.output.shrink(to: Self.maximumOutput)
    }

    /// What is kept of the memory for answers.
    private static let maximumOutput = 1 << 20

    /// Hands the loop's own tape for answers to `use`.
    func withAnswerTape<Result>(_ use: (inout JSONTape) -> Result) -> Result {
        var tape = JSONTape()
        swap(&tape, &answerTape)
        defer { swap(&tape, &answerTape) }
        return use(&tape)
    }

    /// Makes identifiers.
    ///
    /// - Parameter use: comes to an end before somebody else makes any.
    func withIdentifiers<Result>(_ use: (inout IdentifierSource) -> Result) -> Result {
        var source = identifiers
        defer { identifiers = source }
        return use(&source)
    }

    /// Takes a new configuration. What was derived from the old one is forgotten.
    func adopt(_ gateway: Gateway) {
        self.gateway = gateway
        knownRoutes.removeAll()
        lastRoutes = nil
        pool.adopt(UpstreamPool.Limits(gateway.configuration))
    }

    /// Today, and this month.
    var periods: CalendarPeriods {
        let now = clock.now
        if now != today.seconds { today = CalendarPeriods(seconds: now) }
        return today
    }

    /// Takes other keys. Streams of those that are gone end, if the operator wants that.
    func adopt(_ keys: KeyRing) {
        self.keys = RecentKeys(keys)
        guard gateway.configuration.auth.revokedStreams == .cut else { return }
        for exchange in exchanges {
            if case .key(let key) = exchange.identity, !keys.contains(key) { exchange.keyWasRevoked() }
        }
    }

    // MARK: Who waits

    func wait(_ exchange: Exchange, for route: Route) { line.append((exchange, route)) }

    /// Lets in as many as there is room for.
    func admitNext() {
        while let (exchange, route) = line.first {
            if exchange.phase == .waiting {
                guard admission.enterFromQueue(limit: gateway.configuration.limits.maxConcurrentRequests) else {
                    return
                }
                line.removeFirst()
                exchange.didWait(for: route)
            } else {
                line.removeFirst()  // It left, or waited too long.
            }
        }
    }

    // MARK: What is open

    func didStart(_ exchange: Exchange) {
        var running: [Exchange] = []
        swap(&running, &exchanges)
        exchange.place = running.count
        running.append(exchange)
        flushes.running = running.count
        swap(&running, &exchanges)
    }

    /// The last one takes its place.
    func didFinish(_ exchange: Exchange) {
        guard let place = exchange.place else { return }
        exchange.place = nil
        var running: [Exchange] = []
        swap(&running, &exchanges)
        defer { swap(&running, &exchanges) }
        let last = running.popLast()
        flushes.running = running.count
        guard let last, last !== exchange else { return }
        running[place] = last
        last.place = place
    }

    /// - Returns: whether the connection is served; when there are too many and none is idle, it is not.
    func didOpen(_ connection: ClientHandler) -> Bool {
        connections[ObjectIdentifier(connection)] = connection
        clock.compare()
        tick()
        let limit = gateway.configuration.limits.maxConnections ?? limits.maximumConnections
        let count = admission.connect()
        if count <= limit || closeIdlest(besides: connection) { return true }
        // Another loop may have an idle one. Until that is closed there are a few more than there should be.
        admission.askForRoom(besides: loop)
        return count <= limit + max(1, limit / Self.surplusShare)
    }

    /// One connection of so many may be open beyond the limit while another loop makes room.
    private static let surplusShare = 8

    /// Closes the connection that is idle longest, for one of another loop.
    func makeRoom() { _ = closeIdlest(besides: nil) }

    func didClose(_ connection: ClientHandler) {
        if connections.removeValue(forKey: ObjectIdentifier(connection)) != nil { admission.disconnect() }
    }

    private func closeIdlest(besides new: ClientHandler?) -> Bool {
        let end = NIODeadline.now() - limits.idleGrace
        let idle = connections.values.filter { $0 !== new && $0.since < end && $0.isQuiet }
        guard let idlest = idle.min(by: { $0.since < $1.since }) else { return false }
        idlest.close()
        return true
    }

    /// One timer for all deadlines of the loop, running while anything is open.
    private func tick() {
        guard !ticking else { return }
        ticking = true
        pool.closeIdle(now: latest)
        loop.assumeIsolated().scheduleTask(in: limits.tick) {
            self.ticking = false
            self.clock.compare()
            let now = self.latest
            for exchange in self.exchanges { exchange.check(now) }
            self.checkConnections(now)
            self.pool.closeIdle(now: now)
            self.bodies.tick()
            self.recent.tick()
            self.flushRecords()
            if !self.line.isEmpty { self.admitNext() }
            if !self.connections.isEmpty || self.pool.connectionCount > 0 { self.tick() }
        }
    }

    /// Looks for connections that are silent for too long. Their limits are minutes: a hundredth more is nothing, and
    /// thousands of idle connections cost nothing.
    private func checkConnections(_ now: NIODeadline) {
        guard now >= nextConnectionCheck else { return }
        let limit = min(limits.idleConnection, limits.receiveRequest)
        nextConnectionCheck = now + .nanoseconds(limit.nanoseconds / 100)
        for connection in connections.values { connection.check(now) }
    }

    // MARK: Records

    /// A request is over: the one place from which everybody hears of it. Only the last requests keep the record.
    func finish(_ record: consuming RequestRecord) {
        metrics.count(record)
        accessLog.append(record)
        for sink in sinks { sink.append(record) }
        recent.append(record)
    }

    /// Hands over what was gathered of requests that are over.
    func flushRecords() {
        accessLog.flush()
        for sink in sinks { sink.flush() }
    }

    // MARK: Shutdown

    /// Starts no request any more. Connections stay open for those that run, and for saying so.
    func drain() {
        isDraining = true
        for connection in connections.values { connection.drain() }
        pool.close()
    }

    /// Nothing runs, and nothing waits to be sent.
    var isDrained: Bool { connections.values.allSatisfy(\.isQuiet) }

    /// The time for requests that were running is over. What they are told is still sent.
    func abandon() {
        for exchange in exchanges { exchange.abandon() }
        for connection in connections.values { connection.closeIfIdle() }
        flushRecords()
    }

    /// Closes what is still open.
    func close() {
        for connection in connections.values { connection.close() }
        pool.close()
        flushRecords()
    }
}

extension UpstreamPool.Limits {
    /// As the operator wants them. As many connections may lead to one address as requests may run.
    init(_ configuration: Configuration) {
        self.init()
        connectTimeout = .nanoseconds(configuration.upstream.connectTimeout)
        maximumAge = .nanoseconds(configuration.upstream.maxConnectionAge)
        maximumConnections = max(maximumConnections, configuration.limits.maxConcurrentRequests)
    }
}
