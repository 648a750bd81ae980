public import NIOCore

/// Numbers that bound what one process takes on.
public struct ServerLimits: Sendable {
    /// Connections of clients, when the configuration says nothing else.
    public var maximumConnections = 16_384
    /// A connection that was used more recently is not closed to make room: its next request may be on its way.
    public var idleGrace = TimeAmount.seconds(1)
    /// How often deadlines are looked at.
    public var tick = TimeAmount.milliseconds(100)
    /// A connection may be silent this long between requests, and need this long for a request.
    public var idleConnection = TimeAmount.minutes(10)
    public var receiveRequest = TimeAmount.minutes(5)
    /// Strings from this length on are sent from the client's own bytes.
    public var spliceBytes = 32 * 1024
    /// Bytes of one upstream answer.
    public var maximumAnswerBytes = 256 * 1024 * 1024
    /// Bytes of one event of an upstream's stream: a generated image is one.
    public var maximumEventBytes = 64 * 1024 * 1024
    /// Upstream calls of one request at a time (NFAN-001).
    public var parallelCalls = 8
    /// How long clients may take to read the end of what they are told at shutdown.
    public var farewell = Duration.seconds(1)
    /// Bytes towards one client that wait for it to read (STREAM-010).
    public var clientBuffer = 1024 * 1024

    public init() {}

    /// Limits for a process that may open so many files and connections, and serve so many requests at once.
    ///
    /// A request needs a connection of its client and one to its upstream; some descriptors are files.
    public init(descriptors: Int, requests: Int) {
        let usable = max(2, descriptors - Self.ownDescriptors)
        maximumConnections = usable - min(requests, usable / 2)
    }

    private static let ownDescriptors = 64
}
