/// What an ``Emulator`` is told before it starts.
public struct EmulatorConfiguration: Sendable {
    /// The address to listen on.
    public var host = "127.0.0.1"
    /// The port to listen on; 0 lets the system choose.
    public var port = 0
    /// Mixed into every answer: the same seed and request always give the same answer.
    public var seed: UInt64 = 0
    /// Milliseconds between two events of a stream; 0 sends them as fast as they can be written.
    public var chunkDelayMilliseconds = 0
    /// The moment that answers give as their `createTime`, in seconds since 1970; `nil` means now.
    public var fixedTimeSeconds: Int?

    /// Bytes of a request body that are accepted; more is a 413.
    public var maximumBodyBytes = 64 << 20
    /// Connections open at the same time; further ones are closed at once.
    public var maximumConnections = 4096
    /// Seconds a connection may be silent before it is closed.
    public var idleTimeoutSeconds = 120

    public init() {}
}
