extension Configuration {
    /// An address to accept connections on.
    public struct Listener: Sendable, Hashable {
        /// A host name or an address, IPv6 without brackets.
        public var address: String
        /// 0: any free port.
        public var port: Int

        init(_ section: Section) {
            address = section.text("address", matching: .host) ?? ""
            port = section.integer("port")
        }

        /// `nil` unless one of the two keys is written.
        init?(admin section: Section) {
            guard section.has("address") || section.has("port") else { return nil }
            address = section.text("address", matching: .host) ?? ""
            guard let port = section.optionalInteger("port") else {
                if !section.has("port") { section.missing("port", "the admin listener has no usual port") }
                return nil
            }
            self.port = port
        }

        /// Its address as it is written: `http://0.0.0.0:8080`.
        ///
        /// - Parameter port: the one that is listened on.
        public func url(port: Int) -> String { "http://\(Hosts.inURL(address)):\(port)" }

        /// Where this machine reaches it: `http://127.0.0.1:8080`.
        ///
        /// - Parameter port: the one that is listened on.
        public func base(port: Int) -> String {
            var reached = self
            if address == "0.0.0.0" { reached.address = "127.0.0.1" }
            if address == "::" { reached.address = "::1" }
            return reached.url(port: port)
        }

        /// Whether only this machine can connect.
        public var isLoopback: Bool { Hosts.isLoopback(address) }
    }

    /// What one process takes on (GEN-010).
    public struct Limits: Sendable, Hashable {
        public var maxBodyBytes: Int
        public var maxConcurrentRequests: Int
        /// `nil`: as many as the process's descriptors allow.
        public var maxConnections: Int?
        /// Requests that may wait for others to end.
        public var queue: Int
        public var queueTimeout: Duration
        /// Tokens that an answer is taken to have when its request names no maximum; `nil`: those of the model.
        public var defaultOutputTokens: Int?

        init(_ section: Section) {
            maxBodyBytes = section.size("max_body_bytes")
            maxConcurrentRequests = section.integer("max_concurrent_requests")
            maxConnections = section.optionalInteger("max_connections")
            queue = section.integer("queue")
            queueTimeout = section.duration("queue_timeout")
            defaultOutputTokens = section.optionalInteger("default_output_tokens")
        }
    }

    /// Which web pages may call (EP-012).
    public struct CORS: Sendable, Hashable {
        /// `*`, or origins as browsers write them. Empty: no CORS headers at all.
        public var allowedOrigins: [String]

        init(_ section: Section) {
            allowedOrigins = section.texts("allowed_origins", matching: .origin) ?? []
        }
    }
}
