import Logging
import PolluxAdmin
import PolluxConfiguration
import PolluxObservation
import PolluxServer
import ServiceLifecycle

/// Everybody who hears of requests, as the configuration has it.
struct Observation {
    let observers: Observers
    private let traffic: Traffic?

    init(_ configuration: Configuration, log: LogWriter) {
        let format: Observers.LineFormat =
            switch configuration.log.format {
            case .json: .json
            case .text: .text
            case .auto: ProcessEnvironment.writesToTerminal ? .text : .json
            }
        var observers = Observers(accessLog: log.write, accessLogFormat: format)
        if configuration.admin.listener != nil {
            let traffic = Traffic(maximumRecent: configuration.admin.recentRequests)
            observers.records.append(traffic.sink)
            self.traffic = traffic
        } else {
            traffic = nil
        }
        self.observers = observers
    }

    /// The admin side, when there is one.
    func services(
        _ server: Server, _ configuration: Configuration, log: LogWriter, logger: Logger
    ) -> [any Service] {
        guard let traffic else { return [] }
        var sources = AdminSources(
            version: Pollux.version, server: server, traffic: traffic, startedAt: ProcessEnvironment.now)
        sources.droppedLogLines = { log.droppedLines }
        let address = configuration.admin.listener?.address ?? ""
        let admin = AdminServer(configuration.admin, routes: AdminRoute.standard(sources), logger: logger) { port in
            let host = address.contains(":") ? "[\(address)]" : address
            Console.print("The admin side is at http://\(host):\(port)/")
        }
        return [TrafficService(traffic: traffic)] + (admin.map { [$0] } ?? [])
    }
}

/// Adds up traffic in the background.
struct TrafficService: Service {
    let traffic: Traffic

    func run() async throws { await cancelWhenGracefulShutdown { await traffic.run() } }
}
