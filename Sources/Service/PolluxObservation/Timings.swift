extension RequestRecord {
    /// When each phase of a request ended: nanoseconds of the monotonic clock, 0 for what it did not come to.
    ///
    ///     received ─ translated ─ credential ─ sent ─ firstByte … firstToken … upstreamEnd ─ end
    ///        └ ours ────┘└ waits for a token ┘└ ours ┘└ the upstream's ──────────────┘└ ours ┘
    public struct Timings: Sendable, Equatable {
        /// The whole request was there.
        public var received: UInt64 = 0
        /// The upstream's body was written.
        public var translated: UInt64 = 0
        /// There was a token, or none was needed.
        public var credential: UInt64 = 0
        /// The first upstream call was handed to its connection.
        public var sent: UInt64 = 0
        /// The head of the answer was there; of several, the last one's.
        public var firstByte: UInt64 = 0
        /// The first event of a stream went to the client.
        public var firstToken: UInt64 = 0
        /// The last byte of the answer was there.
        public var upstreamEnd: UInt64 = 0
        /// All was written to the client, or it had left.
        public var end: UInt64 = 0
        /// The sum of what the events of a stream took, from an event's last byte to its translation's.
        public var streaming: UInt64 = 0

        public init() {}
    }
}

extension RequestRecord.Timings {
    /// From the request's last byte to the answer's last byte.
    public var total: UInt64 { Self.between(received, end) }

    /// Ours before the upstream was asked, without the wait for a token; all of it when no upstream was asked.
    public var preparing: UInt64 {
        guard sent > 0 else { return total &- waitingForCredential }
        return Self.between(received, translated) + Self.between(credential, sent)
    }

    public var waitingForCredential: UInt64 { Self.between(translated, credential) }

    /// The upstream's, until its first byte; retries and their pauses are in it.
    public var upstreamFirstByte: UInt64 { Self.between(sent, firstByte) }

    /// The upstream's, all of it.
    public var upstream: UInt64 {
        guard sent > 0 else { return 0 }
        let whole = Self.between(sent, upstreamEnd > 0 ? upstreamEnd : end)
        return whole > streaming ? whole - streaming : 0
    }

    /// Ours behind the upstream's last byte.
    public var finishing: UInt64 { upstreamEnd > 0 ? Self.between(upstreamEnd, end) : 0 }

    /// What the gateway added.
    public var own: UInt64 { preparing + streaming + finishing }

    /// What a client waits for the first event of a stream.
    public var timeToFirstToken: UInt64 { Self.between(received, firstToken) }

    private static func between(_ first: UInt64, _ second: UInt64) -> UInt64 {
        first > 0 && second > first ? second - first : 0
    }
}
