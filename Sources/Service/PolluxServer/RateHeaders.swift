import PolluxJSON
import PolluxLimits

/// `x-ratelimit-…`, as OpenAI sends them: for each of the two rates that a key has.
struct RateHeaders {
    var requests: RateState?
    var tokens: RateState?

    /// As lines of a head, each with the line end before it.
    func write(into head: inout ByteOutput) {
        visit { name, value in
            head.append("\r\n" as StaticString)
            head.append(name)
            head.append(": " as StaticString)
            switch value {
            case .count(let count): head.append(count)
            case .time(let nanoseconds):
                RateText.pieces(nanoseconds: nanoseconds) { number, unit in
                    head.append(number)
                    head.append(unit)
                }
            }
        }
    }

    var list: [(String, String)] {
        var headers: [(String, String)] = []
        visit { name, value in
            switch value {
            case .count(let count): headers.append(("\(name)", String(count)))
            case .time(let nanoseconds): headers.append(("\(name)", RateText.duration(nanoseconds: nanoseconds)))
            }
        }
        return headers
    }

    private enum Value {
        case count(Int)
        /// In nanoseconds.
        case time(Int64)
    }

    private func visit(_ body: (StaticString, Value) -> Void) {
        if let requests {
            body("x-ratelimit-limit-requests", .count(requests.limit))
            body("x-ratelimit-remaining-requests", .count(requests.remaining))
            body("x-ratelimit-reset-requests", .time(requests.reset))
        }
        if let tokens {
            body("x-ratelimit-limit-tokens", .count(tokens.limit))
            body("x-ratelimit-remaining-tokens", .count(tokens.remaining))
            body("x-ratelimit-reset-tokens", .time(tokens.reset))
        }
    }
}
