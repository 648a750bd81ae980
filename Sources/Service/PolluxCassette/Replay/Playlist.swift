public import PolluxJSON
import Synchronization

/// Chooses what answers a request: the recordings that match it, one after the other, and the last of them again
/// when all were used.
public final class Playlist: Sendable {
    public enum Choice: Sendable {
        case answer(RecordedCall)
        /// Why nothing matches, with the nearest recording and how the request differs from it.
        case nothing(String)
    }

    private let calls: [RecordedCall]
    private let match: RequestMatch
    /// How often each recording was used.
    private let uses: Mutex<[Int]>

    public init(_ calls: [RecordedCall], match: RequestMatch) {
        self.calls = calls
        self.match = match
        uses = Mutex(Array(repeating: 0, count: calls.count))
    }

    /// - Parameters:
    ///   - target: path and query.
    ///   - body: of the request, when it has one that is JSON.
    public func choose(method: String, target: String, body: JSONValue?) -> Choice {
        let target = RecordedHeaders.withoutKeys(target)
        let sameAddress = calls.indices.filter {
            calls[$0].call.request.method == method && match.matches(target, calls[$0].target)
        }
        guard !sameAddress.isEmpty else {
            let known = Set(calls.map { "\($0.call.request.method) \($0.target)" }).sorted()
            let list =
                known.isEmpty ? "there is no recording" : "recorded are: \(known.prefix(5).joined(separator: ", "))"
            return .nothing("No recording is of \(method) \(target); \(list).")
        }
        var nearest: (call: Int, difference: Difference)?
        var matching: [Int] = []
        for index in sameAddress {
            let difference = difference(body, from: calls[index])
            if difference.count == 0 {
                matching.append(index)
            } else if difference.count < nearest?.difference.count ?? .max {
                nearest = (index, difference)
            }
        }
        if matching.isEmpty, let nearest {
            return .nothing("No recording matches. Nearest is \(calls[nearest.call].name): \(nearest.difference).")
        }
        return uses.withLock { uses in
            let index = matching.first { uses[$0] == 0 } ?? matching[matching.count - 1]
            uses[index] += 1
            return .answer(calls[index])
        }
    }

    private func difference(_ body: JSONValue?, from recorded: RecordedCall) -> Difference {
        let own = match.comparable(recorded.contents.apply(to: body ?? .null))
        return Difference(own, recorded: match.comparable(recorded.body ?? .null))
    }
}
