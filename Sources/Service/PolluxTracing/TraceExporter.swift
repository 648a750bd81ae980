internal import AsyncHTTPClient
public import Logging
internal import NIOCore
internal import NIOHTTP1
public import PolluxConfiguration
internal import PolluxHTTPClient
public import PolluxObservation
internal import PolluxSecret
public import ServiceLifecycle

/// Sends traces to a collector, in OTLP over HTTP.
///
/// Event loops put the records of traced requests into a queue, and never wait for it. Once a second what has gathered
/// is sent; what the collector does not take is lost, counted, and told once: traces are a help, and no ledger.
///
/// - Limit: `maximumWaiting` requests wait.
public struct TraceExporter: Service {
    private static let maximumWaiting = 4096
    private static let interval = Duration.seconds(1)
    private static let timeout = TimeAmount.seconds(5)
    private static let maximumAnswerBytes = 65536
    /// Lives as long as the process.
    private static let client = {
        var settings = HTTPClient.Configuration.singletonConfiguration
        settings.guardStatuses()
        // Whatever waits for a collector that is away is lost: so it is known soon that it is.
        settings.connectionPool.retryConnectionEstablishment = false
        return HTTPClient(eventLoopGroupProvider: .singleton, configuration: settings)
    }()

    private let queue = TraceQueue(maximum: TraceExporter.maximumWaiting)
    private let settings: Configuration.Tracing
    private let endpoint: BaseURL
    private let request: TraceRequest
    private let logger: Logger

    /// - Returns: `nil` when there is no collector.
    public init?(_ configuration: Configuration, version: String, logger: Logger) {
        guard let endpoint = configuration.tracing.endpoint else { return nil }
        settings = configuration.tracing
        self.endpoint = endpoint
        self.logger = logger
        request = TraceRequest(
            version: version,
            providers: Dictionary(configuration.backends.map { ($0.name, $0.kind.genAIProvider) }) { first, _ in first }
        )
    }

    public var sampling: Sampling { Sampling(fraction: settings.sample, propagates: settings.propagate) }

    public var counts: TraceCounts { queue.counts }

    /// For event loops, one each.
    public var sink: @Sendable () -> any RecordSink { { [queue] in queue.sink() } }

    public func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                await export()
                // Cancelled while waiting: then the wait is over.
                try? await Task.sleep(for: Self.interval)
            }
        }
        await export()
    }

    private func export() async {
        let (records, dropped) = queue.takeAll()
        if records.isEmpty { return }
        var reason = await failure(of: records)
        let lost = reason == nil ? dropped : dropped + records.count
        let exported = reason == nil ? records.count : 0
        if reason == nil, dropped > 0 { reason = "more than \(Self.maximumWaiting) came while others were sent" }
        switch queue.settle(exported: exported, lost: lost, reason: reason) {
        case .losing(let reason): logger.warning("Traces are lost, until this is over: \(reason)")
        case .recovered(let lost): logger.notice("Traces are taken again; \(lost) were lost.")
        case nil: break
        }
    }

    /// Sends records; why the collector did not take them, or `nil` when it did.
    private func failure(of records: [RequestRecord]) async -> String? {
        var outgoing = HTTPClientRequest(url: endpoint.url)
        outgoing.method = .POST
        outgoing.headers.add(name: "content-type", value: "application/x-protobuf")
        settings.token?.withText { outgoing.headers.add(name: "authorization", value: "Bearer \($0)") }
        outgoing.body = .bytes(ByteBuffer(bytes: request.bytes(records)))
        do {
            let response = try await Self.client.execute(outgoing, timeout: Self.timeout)
            // Read to its end, the connection serves again. What is longer than an answer should be ends it.
            _ = try? await response.body.collect(upTo: Self.maximumAnswerBytes)
            if (200..<300).contains(response.status.code) { return nil }
            return "the collector answers \(response.status.code)"
        } catch {
            return "the collector cannot be reached: \(SystemReason.text(error))"
        }
    }
}
