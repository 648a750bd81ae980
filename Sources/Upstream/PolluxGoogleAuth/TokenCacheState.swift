/// When the source of tokens may be asked again after a failure (CRED-008).
enum RetrySchedule {
    /// Milliseconds after the first, second, third and any later failure in a row.
    static let delays = [1_000, 2_000, 4_000, 8_000]
    /// After a refusal that a repetition will not change.
    static let permanentDelay = 60_000
    /// The part by which delays differ, so that several gateways do not ask at the same moment.
    static let spread = 0.2

    /// - Parameter jitter: -1...1
    static func delay(failuresInARow: Int, isPermanent: Bool, jitter: Double) -> Int {
        if isPermanent { return permanentDelay }
        let base = delays[min(max(failuresInARow, 1), delays.count) - 1]
        return Int(Double(base) * (1 + spread * max(-1, min(1, jitter))))
    }
}

/// What ``TokenCache`` keeps behind its lock.
struct TokenCacheState {
    typealias Waiter = CheckedContinuation<Result<AccessToken, CredentialError>, Never>

    struct Failure {
        var error: CredentialError
        /// No attempt before this moment.
        var retryAt: Int
    }

    var token: AccessToken?
    /// When the token was fetched.
    var fetchedAt = 0
    /// The one refresh that runs, its pauses between attempts included.
    var refresh: Task<Void, Never>?
    /// How the last attempt failed; `nil` when it did not.
    var failure: Failure?
    var failuresInARow = 0
    var waiters: [UInt64: Waiter] = [:]
    var isShutDown = false

    private var lastIdentifier: UInt64 = 0
    private var refreshes = 0
    private var failures = 0
    private var lastLookForChanges = Int.min
    private var dropTimes: [Int] = []
    private var lastDrop: Drop?

    /// A token that the upstream refused.
    private struct Drop {
        var token: AccessToken
        /// No refresh ran just then: the one that follows began after the refusal.
        var precedesRefresh: Bool
    }

    /// Tokens that upstream refusals may drop within a minute.
    static let maximumDropsPerMinute = 10
    /// How often, while a permanent failure lasts, the operator's files are looked at.
    static let lookForChangesMilliseconds = 1_000

    init() {}

    mutating func makeIdentifier() -> UInt64 {
        lastIdentifier += 1
        return lastIdentifier
    }

    /// Whether an attempt may start: none runs, and the pause after the last failure is over.
    func mayAttempt(now: Int) -> Bool {
        guard refresh == nil else { return false }
        guard let failure else { return true }
        // A pause longer than any we make means that the clock was set back.
        return now >= failure.retryAt || failure.retryAt - now > RetrySchedule.permanentDelay
    }

    /// Until the next attempt may come.
    func pauseLeft(now: Int) -> Duration {
        guard let failure, !mayAttempt(now: now) else { return .zero }
        return .milliseconds(failure.retryAt - now)
    }

    mutating func keep(_ token: AccessToken, now: Int) {
        self.token = token
        fetchedAt = now
        failure = nil
        failuresInARow = 0
        refreshes += 1
    }

    /// - Returns: milliseconds until the next attempt may come.
    mutating func fail(_ error: CredentialError, now: Int, jitter: Double) -> Int {
        failures += 1
        failuresInARow += 1
        let delay = RetrySchedule.delay(
            failuresInARow: failuresInARow, isPermanent: error.isPermanent, jitter: jitter)
        failure = Failure(error: error, retryAt: now + delay)
        return delay
    }

    mutating func takeWaiters() -> [Waiter] {
        let taken = Array(waiters.values)
        waiters = [:]
        return taken
    }

    /// Whether it is time to look if the operator has changed something. Says so once a second at most.
    mutating func shallLookForChanges(now: Int) -> Bool {
        guard let failure, failure.error.isPermanent, refresh == nil, now < failure.retryAt else {
            return false
        }
        guard
            lastLookForChanges == Int.min || abs(now - lastLookForChanges) >= Self.lookForChangesMilliseconds
        else { return false }
        lastLookForChanges = now
        return true
    }

    /// - Returns: whether the token that comes next is fetched after this one was refused.
    mutating func drop(_ token: AccessToken, now: Int) -> Bool {
        guard self.token?.value == token.value else {
            guard let lastDrop, lastDrop.token.value == token.value else { return false }
            return lastDrop.precedesRefresh
        }
        dropTimes.removeAll { abs(now - $0) >= 60_000 }
        guard dropTimes.count < Self.maximumDropsPerMinute else { return true }
        dropTimes.append(now)
        lastDrop = Drop(token: token, precedesRefresh: refresh == nil)
        self.token = nil
        return refresh == nil
    }

    func status(now: Int) -> TokenCacheStatus {
        TokenCacheStatus(
            freshness: token.map { Freshness(of: $0, nowMilliseconds: now) } ?? .spent,
            ageSeconds: token.map { _ in max(0, now - fetchedAt) / 1000 }, expiry: token?.expiry,
            refreshes: refreshes, failures: failures, failuresInARow: failuresInARow,
            lastError: failure?.error,
            isRefreshing: refresh != nil, waiting: waiters.count)
    }
}

/// What is known of a ``TokenCache`` at one moment; without secrets.
public struct TokenCacheStatus: Sendable, Hashable {
    /// `spent` also when there is no token.
    public let freshness: Freshness
    /// Seconds since the token was fetched; `nil` without one.
    public let ageSeconds: Int?
    /// When the token ends, Unix seconds; `nil` without one.
    public let expiry: Int?
    /// Tokens fetched so far.
    public let refreshes: Int
    /// Attempts that failed so far.
    public let failures: Int
    public let failuresInARow: Int
    /// Why the last attempt failed; `nil` when it did not.
    public let lastError: CredentialError?
    public let isRefreshing: Bool
    /// Requests that wait for a token.
    public let waiting: Int
}
