/// What a token is good for, by the time it has left (CRED-008).
///
///     life of one hour        fresh ─────────── 600 s ── ageing ── 225 s ── stale ── 10 s ── spent
///     general rule            min(600 s, life/2)     min(225 s, life/4)     min(10 s, life/10)
///
/// The fractions let tokens of a few seconds work: one of 5 s is fresh for 2.5 s, refreshed in the
/// background from then on, and waited for during its last 1.25 s.
public enum Freshness: String, Sendable, Hashable {
    /// Use it.
    case fresh
    /// Use it, and refresh it in the background.
    case ageing
    /// Refresh it first; use it only when that fails.
    case stale
    /// Do not use it.
    case spent

    static let ageingMilliseconds = 600_000
    static let staleMilliseconds = 225_000
    static let spentMilliseconds = 10_000
    static let clockToleranceMilliseconds = 60_000

    init(of token: AccessToken, nowMilliseconds: Int) {
        let left = token.expiryMilliseconds - nowMilliseconds
        let life = token.lifeMilliseconds
        if left > life + Self.clockToleranceMilliseconds {
            // The clock was set back; how old the token is nobody knows.
            self = .ageing
        } else if left > min(Self.ageingMilliseconds, life / 2) {
            self = .fresh
        } else if left >= min(Self.staleMilliseconds, life / 4), left > 0 {
            self = .ageing
        } else if left > min(Self.spentMilliseconds, life / 10) {
            self = .stale
        } else {
            self = .spent
        }
    }
}
