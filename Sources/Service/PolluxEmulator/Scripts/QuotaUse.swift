/// What was used of the quotas in the running minute.
struct QuotaUse: Sendable {
    /// Minutes that are counted at once; the oldest give way.
    static let maximumWindows = 10_000
    static let windowMilliseconds = 60_000

    private struct Window {
        var start: Int
        var used: Int
    }

    private var windows: [String: Window] = [:]

    /// Takes from a quota.
    ///
    /// - Returns: milliseconds until there is more when it is used up, else `nil`.
    mutating func take(_ quota: Quota, at index: Int, _ facts: RequestFacts, bytes: Int, now: Int) -> Int? {
        let key = "\(index) \(facts.model) \(facts.region) \(facts.project)"
        var window = windows[key] ?? Window(start: now, used: 0)
        if now - window.start >= Self.windowMilliseconds { window = Window(start: now, used: 0) }
        // Tokens of prompts, as everywhere in the emulator: four bytes are one.
        let wanted = quota.requestsPerMinute != nil ? 1 : max(bytes / 4, 1)
        let limit = quota.requestsPerMinute ?? quota.tokensPerMinute ?? Int.max
        guard window.used + wanted <= limit else {
            return max(window.start + Self.windowMilliseconds - now, 1)
        }
        window.used += wanted
        if windows.count >= Self.maximumWindows, windows[key] == nil { windows.removeAll() }
        windows[key] = window
        return nil
    }
}
