import PolluxJSON
import PolluxLimits

/// `x-ratelimit-…`, as OpenAI sends them: for each of the two rates that a key has.
struct RateHeaders {
    /// The lines of the limits: they are the same in each answer.
    let limits: [UInt8]
    let requests: RateState?
    let tokens: RateState?

    /// As lines of a head, each with the line end before it.
    func write(into head: inout ByteOutput) {
        head.append(limits)
        if let requests {
            Self.write(
                requests, remaining: "\r\nx-ratelimit-remaining-requests: ",
                reset: "\r\nx-ratelimit-reset-requests: ", into: &head)
        }
        if let tokens {
            Self.write(
                tokens, remaining: "\r\nx-ratelimit-remaining-tokens: ", reset: "\r\nx-ratelimit-reset-tokens: ",
                into: &head)
        }
    }

    private static func write(
        _ rate: RateState, remaining: StaticString, reset: StaticString, into head: inout ByteOutput
    ) {
        head.append(remaining)
        head.append(rate.remaining)
        head.append(reset)
        write(nanoseconds: rate.reset, into: &head)
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
