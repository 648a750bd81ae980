public import PolluxSecret

/// A bearer token for Google's APIs, with the moment when it ends.
///
/// It has no printable value: reflecting or interpolating it shows `<secret>` (CRED-010).
public struct AccessToken: Sendable, Hashable {
    /// Goes into `Authorization: Bearer …`.
    public let value: Secret
    /// When it ends: milliseconds since 1970 by the local clock.
    public let expiryMilliseconds: Int
    /// How long it was to live when we got it. Short lives are refreshed in proportion, see ``Freshness``.
    public let lifeMilliseconds: Int
    /// The project that pays: goes into `x-goog-user-project` of upstream calls.
    public var quotaProject: String?

    /// When it ends: seconds since 1970.
    public var expiry: Int { expiryMilliseconds / 1000 }

    /// A token may claim to live this long and no longer; Google's own limit is twelve hours.
    static let maximumLifeSeconds = 43_200
    /// What a token lives when its answer does not say (RFC 6749 makes `expires_in` optional).
    static let assumedLifeSeconds = 300

    /// - Parameter lifeMilliseconds: is cut to ``maximumLifeSeconds``.
    public init(value: Secret, nowMilliseconds: Int, lifeMilliseconds: Int, quotaProject: String? = nil) {
        let life = max(0, min(lifeMilliseconds, Self.maximumLifeSeconds * 1000))
        self.value = value
        self.expiryMilliseconds = nowMilliseconds + life
        self.lifeMilliseconds = life
        self.quotaProject = quotaProject
    }
}
