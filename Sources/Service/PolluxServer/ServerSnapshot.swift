internal import NIOCore
public import PolluxGateway
public import PolluxObservation
internal import PolluxTransport

/// What all event loops have counted, and what is open, at one moment.
public struct ServerSnapshot: Sendable {
    public var metrics = LoopMetrics()
    public var requestsRunning = 0
    public var streamsOpen = 0
    public var clientConnections = 0
    public var upstreamConnections = 0
    public var idleUpstreamConnections = 0
    public var isDraining = false
    /// The gateway that new requests meet.
    public var gateway: Gateway
}

extension Server {
    /// Asks each event loop in turn; its numbers are copied there, and added here.
    ///
    /// - Throws: when the event loops are gone.
    public func snapshot() async throws -> ServerSnapshot {
        var whole: ServerSnapshot?
        for worker in workers {
            let part = try await worker.eventLoop.submit { worker.value.snapshot }.get()
            guard var sum = whole else {
                whole = part
                continue
            }
            sum.add(part)
            whole = sum
        }
        guard let whole else { preconditionFailure("A server has at least one event loop.") }
        return whole
    }
}

extension Server {
    /// Has every event loop hand over the records that it has gathered, so that sinks know of all that is over.
    public func handOverRecords() async throws {
        for worker in workers { try await worker.eventLoop.submit { worker.value.flushRecords() }.get() }
    }
}

extension Server {
    /// The last requests that are over, the last one first.
    public func recentRequests(_ limit: Int) async throws -> [RequestRecord] {
        var records: [RequestRecord] = []
        var maximum = 0
        for worker in workers {
            let (part, most) = try await worker.eventLoop.submit {
                (worker.value.recent.last(limit), worker.value.recent.maximum)
            }.get()
            records += part
            maximum = most
        }
        return Array(records.sorted { $0.endedAt > $1.endedAt }.prefix(min(limit, maximum)))
    }
}

extension ServerSnapshot {
    fileprivate mutating func add(_ part: ServerSnapshot) {
        metrics.add(part.metrics)
        requestsRunning += part.requestsRunning
        streamsOpen += part.streamsOpen
        clientConnections += part.clientConnections
        upstreamConnections += part.upstreamConnections
        idleUpstreamConnections += part.idleUpstreamConnections
        isDraining = isDraining || part.isDraining
    }
}

extension Worker {
    var snapshot: ServerSnapshot {
        ServerSnapshot(
            metrics: metrics, requestsRunning: exchanges.count, streamsOpen: openStreams,
            clientConnections: connections.count, upstreamConnections: pool.connectionCount,
            idleUpstreamConnections: pool.idleCount, isDraining: isDraining, gateway: gateway
        )
    }
}
