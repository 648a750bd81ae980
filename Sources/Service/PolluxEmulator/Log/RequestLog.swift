import PolluxJSON
import Synchronization

/// The last requests, for tests to look at.
///
/// - Limits: `maximumEntries` and `maximumBytes`; the oldest give way.
final class RequestLog: Sendable {
    static let maximumEntries = 1000
    static let maximumBytes = 32 << 20
    /// Bytes of one body that are kept.
    static let maximumBodyBytes = 256 << 10

    private struct State {
        /// The oldest begins at `first`; what lies before is empty.
        var entries: [LoggedRequest?] = []
        var first = 0
        var bytes = 0
        var count = 0
    }

    private let clock: EmulatorClock
    private let state = Mutex(State())

    init(clock: EmulatorClock) { self.clock = clock }

    func add(_ entry: LoggedRequest) {
        state.withLock { state in
            state.count += 1
            var entry = entry
            entry.number = state.count
            state.bytes += entry.byteCount
            state.entries.append(entry)
            while state.entries.count - state.first > Self.maximumEntries || state.bytes > Self.maximumBytes,
                state.first < state.entries.count - 1
            {
                state.bytes -= state.entries[state.first]?.byteCount ?? 0
                state.entries[state.first] = nil
                state.first += 1
            }
            // Moving all that is left pays when half of it is empty.
            if state.first > Self.maximumEntries {
                state.entries.removeFirst(state.first)
                state.first = 0
            }
        }
    }

    func removeAll() { state.withLock { $0 = State() } }

    /// The entries behind the one with this number, the oldest first.
    func entries(since number: Int = 0) -> (entries: [LoggedRequest], count: Int) {
        state.withLock { state in
            (state.entries[state.first...].compactMap(\.self).filter { $0.number > number }, state.count)
        }
    }

    /// `{"requests":[…],"count":n}`; `count` is all that came, also those that gave way.
    func body(since number: Int) -> [UInt8] {
        let (entries, count) = entries(since: number)
        return JSONWriter.objectText {
            $0.member("requests") { $0.array { for entry in entries { entry.write(into: &$0) } } }
            $0.member("count", count)
        }
    }
}
