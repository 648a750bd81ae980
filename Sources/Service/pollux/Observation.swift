import Logging
import NIOCore
import PolluxAdmin
import PolluxConfiguration
import PolluxGateway
import PolluxHTTPClient
import PolluxObservation
import PolluxServer
import PolluxStore
import PolluxTracing
import ServiceLifecycle

/// Everybody who hears of requests, as the configuration has it.
struct Observation {
    let observers: Observers
    private let traffic: Traffic?
    private let traces: TraceExporter?

    init(_ configuration: Configuration, log: LogWriter, logger: Logger) {
        let format: Observers.LineFormat =
            switch configuration.log.format {
            case .json: .json
            case .text: .text
            case .auto: ProcessEnvironment.writesToTerminal ? .text : .json
            }
        var observers = Observers(accessLog: log.write, accessLogFormat: format)
        if configuration.admin.listener != nil {
            let traffic = Traffic()
            observers.records.append(traffic.sink)
            observers.recentRequests = configuration.admin.recentRequests
            self.traffic = traffic
        } else {
            traffic = nil
        }
        traces = TraceExporter(configuration, version: Pollux.version, logger: logger)
        if let traces {
            observers.records.append(traces.sink)
            observers.sampling = traces.sampling
        }
        self.observers = observers
    }

    /// The admin side and the export of traces, where there are any.
    func services(
        _ server: Server, _ configuration: Configuration, store: StoreKeeper?, log: LogWriter, logger: Logger
    ) -> [any Service] {
        let exports: [any Service] = traces.map { [$0] } ?? []
        guard let traffic else { return exports }
        var sources = AdminSources(
            version: Pollux.version, server: server, traffic: traffic, startedAt: ProcessEnvironment.now)
        sources.droppedLogLines = { log.droppedLines }
        if let traces {
            sources.traces = {
                let counts = traces.counts
                return (counts.exported, counts.lost)
            }
        }
        sources.store = store
        let playground = Playground(configuration.listen, port: server.port) { request in
            let explainer = Explainer(gateway: server.gateway, path: "/v1/chat/completions")
            return Array(explainer.explain(request: request).document.utf8)
        }
        let auth = { @Sendable in server.gateway.configuration.auth }
        let more = store.map { StoreRoutes(keeper: $0, auth: auth, logger: logger).routes } ?? []
        let routes = AdminRoute.standard(sources, playground: playground) + more
        let current = { @Sendable in server.gateway.configuration.admin }
        let admin = AdminServer(current, routes: routes, logger: logger) { url in
            Console.print("The admin side is at \(url)/")
        }
        let listener = admin.map { AdminService(server: $0, address: configuration.admin.listener) }
        return exports + (listener.map { [$0] } ?? [])
    }
}

/// The admin listener; where it cannot listen, the program ends with an error that names the address.
struct AdminService: Service {
    let server: AdminServer
    let address: Configuration.Listener?

    func run() async throws {
        do {
            try await server.run()
        } catch let error as IOError {
            let place = address.map { "\($0.address):\($0.port)" } ?? ""
            throw Failure("The admin side cannot listen on \(place): \(SystemReason.text(error))")
        }
    }
}
