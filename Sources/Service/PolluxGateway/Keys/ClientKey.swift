public import PolluxLimits

/// A key that clients may use: what it permits, and what it has in use.
public final class ClientKey: Sendable {
    public let name: String
    /// Patterns with `*`; `nil`: every model.
    public let models: [String]?
    /// `nil`: every project.
    public let projects: [String]?
    public let limits: KeyLimits
    /// Lines of an answer's head that tell its rates, each with the line end before it.
    public let limitLines: [UInt8]
    /// Unix seconds from which it is not taken any more.
    public let expires: Int?
    /// The same one for all keys of this name, so that it outlives a change of the key.
    public let meter: KeyMeter
    let digest: KeyDigest
    /// Whom remembered things belong to.
    let tenant: String

    init(_ definition: Definition, digest: KeyDigest, expires: Int?, meter: KeyMeter) {
        name = definition.name
        tenant = "key \(name)"
        models = definition.models
        projects = definition.projects
        limits = definition.limits
        limitLines = Self.lines(limits)
        self.expires = expires
        self.meter = meter
        self.digest = digest
    }

    private static func lines(_ limits: KeyLimits) -> [UInt8] {
        var text = ""
        if let limit = limits.requestsPerMinute { text += "\r\nx-ratelimit-limit-requests: \(limit)" }
        if let limit = limits.tokensPerMinute { text += "\r\nx-ratelimit-limit-tokens: \(limit)" }
        return Array(text.utf8)
    }

    /// A key as the configuration or the store holds it.
    public struct Definition: Sendable {
        public var name: String
        /// SHA-256 of its text.
        public var digest: [UInt8]
        /// The digest of before, and the Unix seconds until which it is taken, too.
        public var previous: (digest: [UInt8], until: Int)?
        public var models: [String]?
        public var projects: [String]?
        public var limits = KeyLimits()
        public var expires: Int?

        public init(name: String, digest: [UInt8]) {
            self.name = name
            self.digest = digest
        }
    }
}
