public import PolluxJSON

/// Times as OpenAI writes them in `x-ratelimit-reset-…`: `120ms`, `8.64s`, `6m0s`, `1h0m0s`.
public enum RateText {
    private static let millisecond: Int64 = 1_000_000

    /// - Parameter nanoseconds: rounded up to a millisecond; above a second to a hundredth of one, above a minute to a
    ///   second.
    public static func write(nanoseconds: Int64, into output: inout ByteOutput) {
        let milliseconds = Int((max(0, nanoseconds) + millisecond - 1) / millisecond)
        if milliseconds == 0 { return write(0, "s", into: &output) }
        if milliseconds < 1000 { return write(milliseconds, "ms", into: &output) }
        if milliseconds >= 60_000 { return write(seconds: (milliseconds + 999) / 1000, into: &output) }
        let hundredths = (milliseconds + 9) / 10
        let rest = hundredths % 100
        if rest == 0 { return write(seconds: hundredths / 100, into: &output) }
        write(hundredths / 100, rest < 10 ? ".0" : ".", into: &output)
        write(rest % 10 == 0 ? rest / 10 : rest, "s", into: &output)
    }

    private static func write(seconds: Int, into output: inout ByteOutput) {
        if seconds >= 3600 { write(seconds / 3600, "h", into: &output) }
        if seconds >= 60 { write(seconds / 60 % 60, "m", into: &output) }
        write(seconds % 60, "s", into: &output)
    }

    @inline(__always)
    private static func write(_ number: Int, _ unit: StaticString, into output: inout ByteOutput) {
        output.append(number)
        output.append(unit)
    }
}
