public import PolluxJSON

extension RequestRecord {
    /// Writes the members of the record's object; what is nothing is left out.
    ///
    ///     "time":1780000000,"request_id":"…","method":"POST","path":"/v1/chat/completions","status":200,…,"ms":812
    public func writeMembers(into writer: inout JSONWriter) {
        writeBeginning(into: &writer)
        writeNames(into: &writer)
        writeNumbers(into: &writer)
    }

    func writeBeginning(into writer: inout JSONWriter) {
        writer.number("time", endedAt / 1_000_000_000)
        // It needs no escape.
        writer.key("request_id")
        writer.output.append(UInt8(ascii: "\""))
        writer.output.append(requestID.utf8Span.span)
        writer.output.append(UInt8(ascii: "\""))
    }

    /// Who asked for what, and how it went: ``RecordLines`` makes their text once for many records.
    func writeNames(into writer: inout JSONWriter) {
        writer.member("method", method)
        writer.member("path", path)
        writer.member("status", status)
        writer.member("client", client)
        guard !model.isEmpty else { return }
        writer.member("model", model)
        writer.member("backend", backend)
        if !location.isEmpty { writer.member("location", location) }
        writer.key("stream")
        writer.boolean(isStream)
        if !finishReason.isEmpty { writer.member("finish_reason", finishReason) }
    }

    func writeNumbers(into writer: inout JSONWriter) {
        if !model.isEmpty {
            tokens.writeMembers(into: &writer)
            if areTokensEstimated {
                writer.key("tokens_estimated")
                writer.boolean(true)
            }
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
        writer.number("bytes_in", bytesIn)
        writer.number("bytes_out", bytesOut)
        timings.writeMembers(into: &writer)
    }
}

extension RequestRecord.TokenCounts {
    fileprivate func writeMembers(into writer: inout JSONWriter) {
        writer.number("prompt_tokens", prompt)
        writer.positive("cached_tokens", cached)
        writer.number("completion_tokens", completion)
        writer.positive("thinking_tokens", thinking)
    }
}

extension RequestRecord.Timings {
    fileprivate func writeMembers(into writer: inout JSONWriter) {
        if firstToken > 0 { writer.number("first_token_ms", Self.milliseconds(timeToFirstToken)) }
        if sent > 0 { writer.number("upstream_ms", Self.milliseconds(upstream)) }
        writer.number("own_us", Int(own / 1000))
        writer.number("ms", Self.milliseconds(total))
    }

    private static func milliseconds(_ nanoseconds: UInt64) -> Int { Int(nanoseconds / 1_000_000) }
}

extension JSONWriter {
    /// Inlined: what is known of a name makes it a few stores.
    @inline(__always)
    fileprivate mutating func number(_ name: StaticString, _ value: Int) {
        key(name)
        output.append(value)
    }

    @inline(__always)
    fileprivate mutating func positive(_ name: StaticString, _ value: Int) {
        if value > 0 { number(name, value) }
    }
}
