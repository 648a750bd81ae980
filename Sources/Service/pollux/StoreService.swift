import Logging
import PolluxConfiguration
import PolluxGateway
import PolluxLimits
import PolluxObservation
import PolluxStore
import ServiceLifecycle

/// The store while the gateway serves: keys come from it, usage goes to it.
struct StoreService: Service {
    let keeper: StoreKeeper
    private let queue: UsageQueue

    /// `nil` when the configuration names no file.
    init?(_ configuration: Configuration, keys: KeyDirectory, logger: Logger) {
        guard let path = configuration.store.path else { return nil }
        queue = UsageQueue(maximum: configuration.store.maxPending)
        var sinks = StoreKeeper.Sinks()
        sinks.keys = { records in
            let valid = records.filter { $0.revoked == nil }
            for name in keys.store(valid.map(ClientKey.Definition.init)) {
                logger.warning("the key '\(name)' is in the configuration and in the store: the configuration's holds")
            }
        }
        sinks.spending = { spending in
            let meter = keys.meter(spending.client)
            meter.restore(day: spending.day, tokens: spending.dayTokens, cost: spending.dayCost)
            meter.restore(month: spending.month, tokens: spending.monthTokens, cost: spending.monthCost)
        }
        sinks.event = { Self.log($0, path, logger) }
        keeper = StoreKeeper(
            path: path, queue: queue, retention: configuration.store.retention, sinks: sinks,
            now: { ProcessEnvironment.now }
        )
    }

    /// Takes what is known of requests that are over, for each event loop.
    var sink: @Sendable () -> any RecordSink { { [queue] in queue.sink() } }

    /// A word for how it is.
    var state: @Sendable () -> StaticString { { [keeper] in keeper.status.state.word } }

    func run() async throws {
        let running = Task { await keeper.run() }
        // Ends by the graceful shutdown, or by cancellation, which is the same to us.
        try? await gracefulShutdown()
        running.cancel()
        await running.value
        await keeper.close()
    }

    private static func log(_ event: StoreEvent, _ path: String, _ logger: Logger) {
        switch event {
        case .changed(.opening): break
        case .changed(.writing): logger.info("store '\(path)': keys are read, usage is written")
        case .changed(.reading):
            logger.warning("store '\(path)': another process writes it; keys are read, usage waits until that one ends")
        case .changed(.away(let error)):
            logger.error("store '\(path)': \(error); keys and limits hold from memory, usage waits")
        case .dropped(let count):
            logger.error("store '\(path)': usage of \(count) requests is lost: more than 'store.max_pending' waited")
        case .remade(let count):
            logger.error("store '\(path)': the file was gone; made a new one with the \(count) keys that were known")
        }
    }
}

extension ClientKey.Definition {
    init(_ record: KeyRecord) {
        self.init(name: record.name, digest: record.digest)
        if let digest = record.previousDigest, let until = record.previousUntil { previous = (digest, until) }
        models = record.models
        projects = record.projects
        limits = record.limits
        expires = record.expires
    }
}
