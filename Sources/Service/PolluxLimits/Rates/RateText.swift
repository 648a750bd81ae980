/// Times as OpenAI writes them in `x-ratelimit-reset-…`: `120ms`, `8.64s`, `6m0s`, `1h0m0s`.
public enum RateText {
    private static let millisecond: Int64 = 1_000_000

    /// - Parameter nanoseconds: rounded up to a millisecond; above a second to a hundredth of one, above a minute to a
    ///   second.
    public static func duration(nanoseconds: Int64) -> String {
        let milliseconds = (max(0, nanoseconds) + millisecond - 1) / millisecond
        if milliseconds == 0 { return "0s" }
        if milliseconds < 1000 { return "\(milliseconds)ms" }
        if milliseconds < 60_000 {
            let hundredths = (milliseconds + 9) / 10
            if hundredths % 100 == 0 { return minutes(hundredths / 100) }
            let rest = hundredths % 100
            let digits = rest % 10 == 0 ? "\(rest / 10)" : (rest < 10 ? "0\(rest)" : "\(rest)")
            return "\(hundredths / 100).\(digits)s"
        }
        return minutes((milliseconds + 999) / 1000)
    }

    private static func minutes(_ seconds: Int64) -> String {
        if seconds < 60 { return "\(seconds)s" }
        if seconds < 3600 { return "\(seconds / 60)m\(seconds % 60)s" }
        return "\(seconds / 3600)h\(seconds / 60 % 60)m\(seconds % 60)s"
    }
}
