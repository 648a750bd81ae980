import Logging
import PolluxGoogleAuth
import PolluxSecret
import Synchronization

/// A source of tokens that does what a test says: `t1`, `t2`, … unless told otherwise.
final class ScriptedProvider: TokenProvider {
    private struct State {
        var calls = 0
        var running = 0
        var mostRunning = 0
        var lifeSeconds = 3600
        var error: CredentialError?
        var gate: Gate?
        var hasChanged = false
        var looks = 0
    }

    private let clock: VirtualTime
    private let state = Mutex(State())

    init(_ clock: VirtualTime) { self.clock = clock }

    let identity = "scripted"
    var calls: Int { state.withLock { $0.calls } }
    /// Fetches that ran at the same time, at most.
    var mostRunning: Int { state.withLock { $0.mostRunning } }
    var looks: Int { state.withLock { $0.looks } }

    func fail(_ error: CredentialError?) { state.withLock { $0.error = error } }
    func live(seconds: Int) { state.withLock { $0.lifeSeconds = seconds } }
    func hold(at gate: Gate?) { state.withLock { $0.gate = gate } }
    func change() { state.withLock { $0.hasChanged = true } }

    func hasChanged() -> Bool {
        state.withLock { state in
            state.looks += 1
            return state.hasChanged
        }
    }

    func fetchToken() async throws(CredentialError) -> AccessToken {
        let gate = state.withLock { state in
            state.calls += 1
            state.running += 1
            state.mostRunning = max(state.mostRunning, state.running)
            return state.gate
        }
        await gate?.pass()
        let (error, call, life) = state.withLock { state in
            state.running -= 1
            return (state.error, state.calls, state.lifeSeconds)
        }
        if let error { throw error }
        return AccessToken(
            value: Secret("t\(call)"), nowMilliseconds: clock.now, lifeMilliseconds: life * 1000)
    }
}

extension TokenCache {
    /// Returns when no refresh runs.
    func settled() async {
        while status.isRefreshing { await Task.yield() }
    }

    /// Returns when that many requests wait.
    func waiting(_ count: Int) async {
        while status.waiting < count { await Task.yield() }
    }

    /// The token's text, or the reason why there is none.
    func text() async -> String {
        do {
            return try await token().value.text
        } catch {
            return error.reason.rawValue
        }
    }
}

let silentLogger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
