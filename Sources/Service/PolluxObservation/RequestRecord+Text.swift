extension RequestRecord {
    /// One line for a person at a terminal.
    ///
    ///     12:31:05 200 POST /v1/chat/completions suite gemini-2.5-flash@vertex 812 ms (first 230, own 0.31) 40+12 tokens
    ///
    /// What is not plain ASCII is shown as `?`: a terminal obeys control characters, and an upstream may send some.
    public var line: String {
        var text = "\(Self.clock(endedAt / 1_000_000_000)) \(status) \(method) \(path) \(client)"
        if !model.isEmpty { text += " \(model)@\(backend)" }
        text += " \(Self.milliseconds(timings.total)) ms ("
        if timings.firstToken > 0 { text += "first \(Self.milliseconds(timings.timeToFirstToken)), " }
        text += "own \(Self.milliseconds(timings.own)))"
        if tokens.prompt + tokens.completion > 0 { text += " \(tokens.prompt)+\(tokens.completion) tokens" }
        if retries > 0 { text += " \(retries) retries" }
        if isTruncated { text += " truncated" }
        if let error { text += " \(error)" }
        if let reason { text += " (\(reason))" }
        if !finishReason.isEmpty, finishReason != "stop" { text += " \(finishReason)" }
        text += " \(requestID)"
        return String(String.UnicodeScalarView(text.unicodeScalars.map { (0x20..<0x7F) ~= $0.value ? $0 : "?" }))
    }

    /// The time of day, UTC.
    private static func clock(_ seconds: Int) -> String {
        func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
        return "\(two(seconds / 3600 % 24)):\(two(seconds / 60 % 60)):\(two(seconds % 60))"
    }

    /// With two digits behind the point below ten.
    private static func milliseconds(_ nanoseconds: UInt64) -> String {
        let hundredths = nanoseconds / 10_000
        guard hundredths < 1000 else { return "\(hundredths / 100)" }
        let rest = hundredths % 100
        return "\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest)"
    }
}
