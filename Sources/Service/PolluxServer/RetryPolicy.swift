import PolluxOpenAIWire
import PolluxTransport

/// Which failures are tried again, and when (05 § 5).
enum RetryPolicy {
    private static let base = Duration.milliseconds(500)
    private static let longest = Duration.seconds(8)
    private static let longestDelay = Duration.seconds(10)

    /// ERR-051, ERR-053
    static func isRetried(_ error: APIError, upstreamStatus: Int?, _ retries429: Bool) -> Bool {
        switch upstreamStatus ?? error.status {
        // What Google calls unknown or lost would be so again.
        case 500: error.shouldRetry != false && [nil, "INTERNAL"].contains(error.googleStatus)
        case 408, 502, 503: error.shouldRetry != false
        case 429: retries429 && error.shouldRetry != false
        default: false
        }
    }

    /// Which failures another place may not have.
    static func isServedElsewhere(_ error: APIError, upstreamStatus: Int?) -> Bool {
        switch upstreamStatus ?? error.status {
        case 429: true
        case 408, 500, 502, 503: error.shouldRetry != false
        default: false
        }
    }

    /// How long to wait: what the upstream asked for, unless that is too long to hold a client (ERR-052).
    ///
    /// - Parameter jitter: between 0 and 1.
    static func pause(attempt: Int, delay: Duration?, jitter: Double) -> Duration {
        if let delay, delay <= longestDelay { return delay }
        let pause = min(base * (1 << min(attempt, 8)), longest)
        return pause * (0.75 + jitter / 2)
    }
}

extension APIError {
    /// With what the upstream itself says of another try, where the error says nothing (ERR-043, ERR-044).
    func advised(by head: UpstreamResponseHead) -> APIError {
        var error = self
        error.shouldRetry = shouldRetry ?? head.shouldRetry
        return error
    }
}

/// How long an upstream's headers ask to wait (ERR-041).
///
///     retry-after-ms: 300        milliseconds; what OpenAI's SDKs read first
///     retry-after: 7             seconds, of which some servers send parts
///     retry-after: Sat, 21 Nov 2026 08:34:02 GMT
enum RetryAfter {
    /// In seconds. What is longer says as little as nothing.
    private static let longest = 999_999_999.0

    /// - Parameter now: Unix seconds.
    static func duration(_ head: UpstreamResponseHead, now: Int) -> Duration? {
        if let exact = head.retryAfterMilliseconds.flatMap({ duration($0, ofSecond: 1000) }) { return exact }
        guard let text = head.retryAfter else { return nil }
        return duration(text, ofSecond: 1) ?? HTTPDate.seconds(text).map { .seconds(max(0, $0 - now)) }
    }

    /// - Parameter units: how many of the number's units make a second.
    private static func duration(_ text: String, ofSecond units: Double) -> Duration? {
        let isNumber = text.utf8.allSatisfy { $0 &- UInt8(ascii: "0") < 10 || $0 == UInt8(ascii: ".") }
        guard isNumber, text.utf8.count <= 32, let value = Double(text), value / units <= longest else { return nil }
        return .milliseconds(Int((value * 1000 / units).rounded(.up)))
    }
}

/// `Sat, 21 Nov 2026 08:34:02 GMT` → Unix seconds.
enum HTTPDate {
    static func seconds(_ text: String) -> Int? {
        let fields = text.split(separator: " ")
        guard fields.count == 6, let day = Int(fields[1]), let year = Int(fields[3]), (1970...9999).contains(year),
            let month = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
                .firstIndex(where: { $0 == fields[2] }), (1...31).contains(day)
        else { return nil }
        let clock = fields[4].split(separator: ":").compactMap { Int($0) }
        guard clock.count == 3, clock.allSatisfy({ (0...60).contains($0) }) else { return nil }
        var days = day - 1
        for past in 1970..<year { days += isLeap(past) ? 366 : 365 }
        let lengths = [31, isLeap(year) ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        for past in 0..<month { days += lengths[past] }
        return ((days * 24 + clock[0]) * 60 + clock[1]) * 60 + clock[2]
    }

    private static func isLeap(_ year: Int) -> Bool { year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) }
}
