public import PolluxJSON

extension RequestRecord {
    /// Writes the members of the record's object; what is nothing is left out.
    ///
    ///     "time":1780000000,"request_id":"…","method":"POST","path":"/v1/chat/completions","status":200,…,"ms":812
    public func writeMembers(into writer: inout JSONWriter) {
        writer.member("time", endedAt / 1_000_000_000)
        writer.member("request_id", requestID)
        writer.member("method", method)
        writer.member("path", path)
        writer.member("status", status)
        writer.member("client", client)
        if !model.isEmpty {
            writer.member("model", model)
            writer.member("backend", backend)
            if !location.isEmpty { writer.member("location", location) }
            writer.key("stream")
            writer.boolean(isStream)
            tokens.writeMembers(into: &writer)
            if areTokensEstimated {
                writer.key("tokens_estimated")
                writer.boolean(true)
            }
            if !finishReason.isEmpty { writer.member("finish_reason", finishReason) }
            if isTruncated {
                writer.key("truncated")
                writer.boolean(true)
            }
            writer.positive("retries", retries)
            writer.positive("spills", spills)
            writer.positive("hedges", hedges)
        }
        if let error { writer.member("error", error) }
        if let reason { writer.member("reason", reason) }
        writer.member("bytes_in", bytesIn)
        writer.member("bytes_out", bytesOut)
        timings.writeMembers(into: &writer)
    }
}

extension RequestRecord.TokenCounts {
    fileprivate func writeMembers(into writer: inout JSONWriter) {
        writer.member("prompt_tokens", prompt)
        writer.positive("cached_tokens", cached)
        writer.member("completion_tokens", completion)
        writer.positive("thinking_tokens", thinking)
    }
}

extension RequestRecord.Timings {
    fileprivate func writeMembers(into writer: inout JSONWriter) {
        if firstToken > 0 { writer.member("first_token_ms", Self.milliseconds(timeToFirstToken)) }
        if sent > 0 { writer.member("upstream_ms", Self.milliseconds(upstream)) }
        writer.member("own_us", Int(own / 1000))
        writer.member("ms", Self.milliseconds(total))
    }

    private static func milliseconds(_ nanoseconds: UInt64) -> Int { Int(nanoseconds / 1_000_000) }
}

extension JSONWriter {
    fileprivate mutating func positive(_ name: StaticString, _ value: Int) {
        if value > 0 { member(name, value) }
    }
}
