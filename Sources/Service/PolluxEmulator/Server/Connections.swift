import NIOCore
import Synchronization

/// The open connections: counted, and closed together at the end.
final class Connections: Sendable {
    private struct State {
        var open: [ObjectIdentifier: any Channel] = [:]
        var isClosed = false
    }

    private let maximum: Int
    private let state = Mutex(State())

    init(maximum: Int) { self.maximum = maximum }

    /// Takes up a connection until it closes.
    ///
    /// - Returns: false when there are too many, or none are wanted any more.
    func add(_ channel: any Channel) -> Bool {
        let identifier = ObjectIdentifier(channel)
        let isWelcome = state.withLock { state in
            guard !state.isClosed, state.open.count < maximum else { return false }
            state.open[identifier] = channel
            return true
        }
        guard isWelcome else { return false }
        channel.closeFuture.whenComplete { _ in
            self.state.withLock { _ = $0.open.removeValue(forKey: identifier) }
        }
        return true
    }

    /// Refuses further connections and gives those that are open.
    func close() -> [any Channel] {
        state.withLock { state in
            state.isClosed = true
            return Array(state.open.values)
        }
    }
}
