public import PolluxServer
public import PolluxStore

/// Where the admin side gets what it tells.
public struct AdminSources: Sendable {
    public let version: String
    public let server: Server
    public let traffic: Traffic
    /// Unix seconds.
    public let startedAt: Int
    /// Lines of the access log that nobody read in time.
    public var droppedLogLines: @Sendable () -> Int = { 0 }
    /// Traced requests that the collector took, and those that are lost.
    public var traces: @Sendable () -> (exported: Int, lost: Int) = { (0, 0) }
    /// `nil` when there is no store.
    public var store: StoreKeeper?

    public init(version: String, server: Server, traffic: Traffic, startedAt: Int) {
        self.version = version
        self.server = server
        self.traffic = traffic
        self.startedAt = startedAt
    }
}

extension AdminRoute {
    /// The routes that there always are.
    public static func standard(_ sources: AdminSources, playground: Playground) -> [AdminRoute] {
        [health, metrics(sources), status(sources), requests(sources), traffic(sources)]
            + page + playground.routes
    }

    private static let health = AdminRoute(.get, "/healthz", access: .open) { _ in
        .json(Array("{\"status\":\"ok\"}".utf8))
    }
}
