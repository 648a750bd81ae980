/// Times as OpenAI writes them in `x-ratelimit-reset-…`: `120ms`, `8.64s`, `6m0s`, `1h0m0s`.
public enum RateText {
    private static let millisecond: Int64 = 1_000_000

    /// Gives a time in pieces, each a number and what stands behind it: 6 `m`, 0 `s`.
    ///
    /// - Parameter nanoseconds: rounded up to a millisecond; above a second to a hundredth of one, above a minute to a
    ///   second.
    public static func pieces(nanoseconds: Int64, _ write: (Int, StaticString) -> Void) {
        let milliseconds = Int((max(0, nanoseconds) + millisecond - 1) / millisecond)
        if milliseconds == 0 { return write(0, "s") }
        if milliseconds < 1000 { return write(milliseconds, "ms") }
        if milliseconds >= 60_000 { return minutes((milliseconds + 999) / 1000, write) }
        let hundredths = (milliseconds + 9) / 10
        let rest = hundredths % 100
        if rest == 0 { return minutes(hundredths / 100, write) }
        write(hundredths / 100, rest < 10 ? ".0" : ".")
        write(rest % 10 == 0 ? rest / 10 : rest, "s")
    }

    private static func minutes(_ seconds: Int, _ write: (Int, StaticString) -> Void) {
        if seconds >= 3600 { write(seconds / 3600, "h") }
        if seconds >= 60 { write(seconds / 60 % 60, "m") }
        write(seconds % 60, "s")
    }
}
