public import Logging
import Synchronization

/// The token of one credential, shared by all requests (CRED-008).
///
///     fresh     handed out
///     ageing    handed out; one refresh runs in the background
///     stale     requests wait for the refresh; when it fails, the token is used while it is good
///     spent     requests wait for the refresh
///
/// At most one refresh runs at a time, whoever asks. After a failure the next attempt comes no sooner than
/// ``RetrySchedule`` says; a request that must wait sees ``maximumAttemptsWaited`` attempts at most, and
/// one that comes when so many have failed already, or one for good, fails at once.
///
/// - Limits: an attempt is limited by its ``TokenProvider``; a waiting request can be cancelled.
public final class TokenCache: Sendable {
    let provider: any TokenProvider
    private let time: CredentialTime
    private let logger: Logger
    private let state = Mutex(TokenCacheState())

    /// Failures in a row that a waiting request sits out.
    static let maximumAttemptsWaited = 3

    public init(provider: any TokenProvider, time: CredentialTime = .system, logger: Logger) {
        self.provider = provider
        self.time = time
        self.logger = logger
    }

    // MARK: Asking

    /// Answers at once, from any thread: the token while it is fresh or ageing, else `nil`. An ageing one
    /// starts a refresh in the background.
    public func usableToken() -> AccessToken? {
        let now = time.nowMilliseconds()
        return state.withLock { state in
            guard let token = state.token, !state.isShutDown else { return nil }
            switch Freshness(of: token, nowMilliseconds: now) {
            case .fresh: return token
            case .ageing:
                if state.mayAttempt(now: now) { startRefresh(&state) }
                return token
            case .stale, .spent: return nil
            }
        }
    }

    /// A usable token, waited for when need be.
    ///
    /// - Throws: why there is none; `cancelled` when the caller's task was.
    public func token() async throws(CredentialError) -> AccessToken {
        if let token = usableToken() { return token }
        noticeChanges()
        let identifier = state.withLock { $0.makeIdentifier() }
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let answer: Result<AccessToken, CredentialError>? = state.withLock { state in
                    // The handler below runs after the flag is set, and needs the lock: either we see the
                    // flag here, or the handler finds the continuation.
                    if Task.isCancelled { return .failure(.cancelled) }
                    if let answer = immediateAnswer(&state) { return answer }
                    state.waiters[identifier] = continuation
                    return nil
                }
                if let answer { continuation.resume(returning: answer) }
            }
        } onCancel: {
            let waiter = state.withLock { $0.waiters.removeValue(forKey: identifier) }
            waiter?.resume(returning: .failure(.cancelled))
        }
        return try result.get()
    }

    /// What a request is told without waiting; `nil` when it shall wait, in which case a refresh runs.
    private func immediateAnswer(_ state: inout TokenCacheState) -> Result<AccessToken, CredentialError>? {
        if state.isShutDown { return .failure(.shutDown) }
        let now = time.nowMilliseconds()
        let freshness = state.token.map { Freshness(of: $0, nowMilliseconds: now) } ?? .spent
        if let token = state.token {
            if freshness == .fresh { return .success(token) }
            if freshness == .ageing {
                if state.mayAttempt(now: now) { startRefresh(&state) }
                return .success(token)
            }
        }
        if let failure = state.failure, state.refresh != nil || !state.mayAttempt(now: now) {
            if let token = state.token, freshness == .stale { return .success(token) }
            let isDown = failure.error.isPermanent || state.failuresInARow >= Self.maximumAttemptsWaited
            if state.refresh == nil, isDown { return .failure(failure.error) }
        }
        if state.refresh == nil { startRefresh(&state, after: state.pauseLeft(now: now)) }
        return nil
    }

    /// Lets the operator's change end a permanent failure at once.
    private func noticeChanges() {
        let now = time.nowMilliseconds()
        let shallLook = state.withLock { $0.shallLookForChanges(now: now) }
        guard shallLook, provider.hasChanged() else { return }
        state.withLock { if $0.refresh == nil { $0.failure = nil } }
    }

    // MARK: Refreshing

    /// Must be called with no refresh running.
    ///
    /// - Parameter pause: what is left of the one after the last failure.
    private func startRefresh(_ state: inout TokenCacheState, after pause: Duration = .zero) {
        // A task of its own: the request that starts it may be cancelled while others still wait, and an
        // ageing token is refreshed for requests to come. It ends with its attempts or by `shutdown`.
        state.refresh = Task {
            do {
                if pause > .zero { try await self.time.sleep(pause) }
            } catch {
                // Only `shutdown` cancels this task, and it has told the waiting requests.
                return
            }
            await self.refresh()
        }
    }

    /// Attempts until there is a token, or nobody waits any more.
    private func refresh() async {
        while true {
            let outcome: Result<AccessToken, CredentialError>
            do {
                outcome = .success(try await provider.fetchToken())
            } catch {
                outcome = .failure(error)
            }
            guard let pause = record(outcome) else { return }
            do {
                try await time.sleep(pause)
            } catch {
                // Only `shutdown` cancels this task, and it has told the waiting requests.
                return
            }
        }
    }

    /// Keeps what an attempt brought and tells those who wait.
    ///
    /// - Returns: how long to wait before the next attempt; `nil` when no further one is needed.
    private func record(_ outcome: Result<AccessToken, CredentialError>) -> Duration? {
        let now = time.nowMilliseconds()
        let jitter = time.jitter()
        let step = state.withLock { state in
            let step = Self.step(after: outcome, in: &state, now: now, jitter: jitter)
            if step.pause == nil { state.refresh = nil }
            return step
        }
        for waiter in step.told { waiter.resume(returning: step.answer) }
        report(outcome)
        return step.pause
    }

    /// What follows from an attempt.
    private struct Step {
        /// Whom to tell now, and what.
        var told: [TokenCacheState.Waiter] = []
        var answer: Result<AccessToken, CredentialError>
        /// How long to wait before the next attempt; `nil` when the refresh is over.
        var pause: Duration?
    }

    private static func step(
        after outcome: Result<AccessToken, CredentialError>, in state: inout TokenCacheState, now: Int,
        jitter: Double
    ) -> Step {
        if state.isShutDown { return Step(told: state.takeWaiters(), answer: .failure(.shutDown)) }
        switch outcome {
        case .success(let token):
            state.keep(token, now: now)
            return Step(told: state.takeWaiters(), answer: outcome)
        case .failure(let error):
            let delay = state.fail(error, now: now, jitter: jitter)
            if let token = state.token, Freshness(of: token, nowMilliseconds: now) != .spent {
                return Step(told: state.takeWaiters(), answer: .success(token))
            }
            let isOver = error.isPermanent || state.failuresInARow >= maximumAttemptsWaited
            if isOver || state.waiters.isEmpty { return Step(told: state.takeWaiters(), answer: outcome) }
            return Step(answer: outcome, pause: .milliseconds(delay))
        }
    }

    private func report(_ outcome: Result<AccessToken, CredentialError>) {
        switch outcome {
        case .success(let token):
            logger.debug("Fetched a token", metadata: ["seconds": "\(token.lifeMilliseconds / 1000)"])
        case .failure(let error) where error.reason == .cancelled: break
        case .failure(let error):
            logger.warning(
                "Could not fetch a token",
                metadata: ["error": "\(error.message)", "permanent": "\(error.isPermanent)"])
        }
    }

    // MARK: Dropping and ending

    /// The upstream answered 401 to this token: the next request fetches another, once for all that saw it.
    ///
    /// A token that is no longer the current one is left alone, and no more than
    /// ``TokenCacheState/maximumDropsPerMinute`` are dropped in a minute: an upstream that refuses every
    /// token would otherwise make each request a call to the token endpoint.
    ///
    /// - Returns: whether the next token is an answer to this refusal. `false` when it was fetched before, or was
    ///   just being fetched: whatever made this token useless may have done the same to that one.
    @discardableResult public func invalidate(_ token: AccessToken) -> Bool {
        let now = time.nowMilliseconds()
        return state.withLock { $0.drop(token, now: now) }
    }

    /// What is known, without secrets: for readiness and metrics.
    public var status: TokenCacheStatus {
        let now = time.nowMilliseconds()
        return state.withLock { $0.status(now: now) }
    }

    /// Ends a refresh that runs, and every wait with an error. Tokens are no longer handed out.
    public func shutdown() {
        let (refresh, waiters) = state.withLock { state in
            state.isShutDown = true
            let refresh = state.refresh
            state.refresh = nil
            state.token = nil
            return (refresh, state.takeWaiters())
        }
        refresh?.cancel()
        for waiter in waiters { waiter.resume(returning: .failure(.shutDown)) }
    }
}
