import PolluxGateway
import PolluxJSON
import PolluxLimits

/// `x-ratelimit-…`, as OpenAI sends them: for each of the two rates that a key has.
struct RateHeaders {
    let key: ClientKey
    /// Nanoseconds of the loop's clock.
    let now: Int64

    /// As lines of a head, each with the line end before it.
    func write(into head: inout ByteOutput) {
        head.append(key.limitLines)
        if let requests = key.meter.requestRate(key.limits, now: now) {
            head.append("\r\nx-ratelimit-remaining-requests: " as StaticString)
            head.append(requests.remaining)
            head.append("\r\nx-ratelimit-reset-requests: " as StaticString)
            RateText.write(nanoseconds: requests.reset, into: &head)
        }
        if let tokens = key.meter.tokenRate(key.limits, now: now) {
            head.append("\r\nx-ratelimit-remaining-tokens: " as StaticString)
            head.append(tokens.remaining)
            head.append("\r\nx-ratelimit-reset-tokens: " as StaticString)
            RateText.write(nanoseconds: tokens.reset, into: &head)
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
