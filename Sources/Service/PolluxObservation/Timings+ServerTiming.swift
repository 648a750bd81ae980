public import PolluxJSON

extension RequestRecord.Timings {
    /// The value of `Server-Timing`, in milliseconds: what is known when the head of the answer is written.
    ///
    ///     own;dur=0.31, upstream;dur=812.40
    ///
    /// Of a stream, `own` is what came before the upstream was asked, and `upstream` the time until its first byte.
    /// - Source: W3C, Server Timing.
    public func writeServerTiming(into output: inout ByteOutput) {
        output.append("own;dur=" as StaticString)
        Self.write(end > 0 ? own : preparing, into: &output)
        let waited = end > 0 ? upstream : upstreamFirstByte
        guard waited > 0 else { return }
        output.append(", upstream;dur=" as StaticString)
        Self.write(waited, into: &output)
    }

    /// The same as text.
    public var serverTiming: String {
        var output = ByteOutput(minimumCapacity: 64)
        writeServerTiming(into: &output)
        return String(copying: output.span)
    }

    /// Milliseconds with two digits behind the point.
    private static func write(_ nanoseconds: UInt64, into output: inout ByteOutput) {
        let hundredths = Int(nanoseconds / 10_000)
        let rest = hundredths % 100
        output.append(hundredths / 100)
        output.append(rest < 10 ? ".0" : "." as StaticString)
        output.append(rest)
    }
}
