import PolluxJSON
import PolluxLimits

/// `x-ratelimit-…`, as OpenAI sends them: for each of the two rates that a key has.
struct RateHeaders {
    var requests: RateState?
    var tokens: RateState?

    /// As lines of a head, each with the line end before it.
    func write(into head: inout ByteOutput) {
        if let requests {
            head.append("\r\nx-ratelimit-limit-requests: " as StaticString)
            head.append(requests.limit)
            head.append("\r\nx-ratelimit-remaining-requests: " as StaticString)
            head.append(requests.remaining)
            head.append("\r\nx-ratelimit-reset-requests: " as StaticString)
            Self.write(nanoseconds: requests.reset, into: &head)
        }
        if let tokens {
            head.append("\r\nx-ratelimit-limit-tokens: " as StaticString)
            head.append(tokens.limit)
            head.append("\r\nx-ratelimit-remaining-tokens: " as StaticString)
            head.append(tokens.remaining)
            head.append("\r\nx-ratelimit-reset-tokens: " as StaticString)
            Self.write(nanoseconds: tokens.reset, into: &head)
        }
    }

    private static func write(nanoseconds: Int64, into head: inout ByteOutput) {
        RateText.pieces(nanoseconds: nanoseconds) { number, unit in
            head.append(number)
            head.append(unit)
        }
    }

    /// The same, apart.
    var list: [(String, String)] {
        var lines = ByteOutput(minimumCapacity: 256)
        write(into: &lines)
        return String(copying: lines.span).split(separator: "\r\n").map { line in
            let name = line.prefix { $0 != ":" }
            return (String(name), String(line.dropFirst(name.count + 2)))
        }
    }
}
