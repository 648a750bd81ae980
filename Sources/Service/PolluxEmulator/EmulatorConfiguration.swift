/// What an ``Emulator`` is told before it starts.
public struct EmulatorConfiguration: Sendable {
    /// The address to listen on.
    public var host = "127.0.0.1"
    /// The port to listen on; 0 lets the system choose.
    public var port = 0
    /// Mixed into every answer: the same seed and request always give the same answer.
    public var seed: UInt64 = 0
    /// How fast the events of a stream come.
    public var pace = Pace()
    /// What requests get instead of the usual answer.
    public var script = Script()
    /// The moment that answers give as their `createTime`, in seconds since 1970; `nil` means now.
    public var fixedTimeSeconds: Int?

    /// Seconds that tokens of the token services live.
    public var tokenLifeSeconds = 3600
    /// Whether access tokens must be the emulator's own and alive.
    public var checksTokens = false
    /// API keys that are taken; empty takes any.
    public var apiKeys: Set<String> = []
    /// Service accounts whose signatures are verified; with none, only the form of a signed claim is.
    public var serviceAccounts: [ServiceAccount] = []
    /// The project that the metadata server tells.
    public var project = "emulator"
    /// Where recorded answers lie.
    public var recordings = Recordings()
    /// Tokens that a context cache must hold at least; `nil` leaves it to the model.
    public var minimumCacheTokens: Int?

    /// Bytes of a request body that are accepted; more is a 413.
    public var maximumBodyBytes = 64 << 20
    /// Connections open at the same time; further ones are closed at once.
    public var maximumConnections = 4096
    /// Seconds a connection may be silent before it is closed.
    public var idleTimeoutSeconds = 120

    public init() {}
}
