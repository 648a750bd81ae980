extension RequestRecord.Timings {
    /// The value of `Server-Timing`, in milliseconds: what is known when the head of the answer is written.
    ///
    ///     own;dur=0.31, upstream;dur=812.40
    ///
    /// Of a stream, `own` is what came before the upstream was asked, and `upstream` the time until its first byte.
    /// - Source: W3C, Server Timing.
    public var serverTiming: String {
        var text = "own;dur="
        Self.append(end > 0 ? own : preparing, to: &text)
        let waited = end > 0 ? upstream : upstreamFirstByte
        if waited > 0 {
            text += ", upstream;dur="
            Self.append(waited, to: &text)
        }
        return text
    }

    /// Milliseconds with two digits behind the point.
    private static func append(_ nanoseconds: UInt64, to text: inout String) {
        let hundredths = nanoseconds / 10_000
        let rest = hundredths % 100
        text += String(hundredths / 100)
        text += rest < 10 ? ".0" : "."
        text += String(rest)
    }
}
