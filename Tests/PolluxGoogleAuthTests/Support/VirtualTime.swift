import PolluxGoogleAuth
import Synchronization

/// A clock that stands still until a test moves it.
final class VirtualTime: Sendable {
    private struct State {
        var now: Int
        var lastIdentifier = 0
        var sleepers: [Int: (deadline: Int, continuation: CheckedContinuation<Void, any Error>)] = [:]
        var watchers: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []
    }

    private let state: Mutex<State>

    init(seconds: Int = 1_800_000_000) { state = Mutex(State(now: seconds * 1000)) }

    var now: Int { state.withLock { $0.now } }
    var seconds: Int { now / 1000 }

    var time: CredentialTime {
        CredentialTime(nowMilliseconds: { self.now }, sleep: { try await self.sleep($0) }, jitter: { 0 })
    }

    /// Moves the clock and wakes whoever has slept long enough.
    func advance(by duration: Duration) {
        let woken = state.withLock { state in
            state.now += Self.milliseconds(duration)
            let due = state.sleepers.filter { $0.value.deadline <= state.now }
            for identifier in due.keys { state.sleepers[identifier] = nil }
            return due.values.map(\.continuation)
        }
        for continuation in woken { continuation.resume() }
    }

    /// Returns when that many sleep.
    func sleepers(_ count: Int) async {
        await withCheckedContinuation { continuation in
            let isReached = state.withLock { state in
                if state.sleepers.count >= count { return true }
                state.watchers.append((count, continuation))
                return false
            }
            if isReached { continuation.resume() }
        }
    }

    private func sleep(_ duration: Duration) async throws {
        let identifier = state.withLock { state in
            state.lastIdentifier += 1
            return state.lastIdentifier
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let (isCancelled, reached) = state.withLock { state in
                    if Task.isCancelled { return (true, [CheckedContinuation<Void, Never>]()) }
                    state.sleepers[identifier] = (state.now + Self.milliseconds(duration), continuation)
                    let count = state.sleepers.count
                    let reached = state.watchers.filter { $0.count <= count }.map(\.continuation)
                    state.watchers.removeAll { $0.count <= count }
                    return (false, reached)
                }
                if isCancelled { continuation.resume(throwing: CancellationError()) }
                for watcher in reached { watcher.resume() }
            }
        } onCancel: {
            let sleeper = state.withLock { $0.sleepers.removeValue(forKey: identifier) }
            sleeper?.continuation.resume(throwing: CancellationError())
        }
    }

    private static func milliseconds(_ duration: Duration) -> Int {
        Int(duration.components.seconds) * 1000 + Int(duration.components.attoseconds / 1_000_000_000_000_000)
    }
}

/// A door that stays shut until a test opens it.
final class Gate: Sendable {
    private let state = Mutex<(isOpen: Bool, waiting: [CheckedContinuation<Void, Never>])>((false, []))

    func open() {
        let waiting = state.withLock { state in
            let waiting = state.waiting
            state = (true, [])
            return waiting
        }
        for continuation in waiting { continuation.resume() }
    }

    func pass() async {
        await withCheckedContinuation { continuation in
            let isOpen = state.withLock { state in
                if !state.isOpen { state.waiting.append(continuation) }
                return state.isOpen
            }
            if isOpen { continuation.resume() }
        }
    }
}
