import PolluxJSON
import PolluxObservation

/// One line for each request, as JSON, without contents and without secrets (CRED-010).
///
///     {"time":1780000000,"request_id":"…","method":"POST","path":"/v1/chat/completions","status":200,…,"ms":812}
///
/// Lines are gathered per event loop and handed to the sink now and then, off the way of a request.
struct AccessLog: ~Copyable {
    /// Takes finished lines; called on the event loop, and must not wait.
    typealias Sink = @Sendable ([UInt8]) -> Void

    /// Bytes that are gathered before they are handed over.
    private static let batchBytes = 16384
    private let sink: Sink?
    private var writer = JSONWriter(minimumCapacity: 2 * batchBytes)

    init(sink: Sink?) { self.sink = sink }

    mutating func append(_ record: RequestRecord) {
        guard sink != nil else { return }
        writer.write(record)
        writer.output.append(UInt8(ascii: "\n"))
        if writer.output.count >= Self.batchBytes { flush() }
    }

    mutating func flush() {
        guard !writer.output.isEmpty, let sink else { return }
        sink(writer.output.array())
        writer.removeAll()
    }
}

extension JSONWriter {
    /// The record as one object; what is nothing is left out.
    fileprivate mutating func write(_ record: RequestRecord) {
        beginObject()
        member("time", record.endedAt / 1_000_000_000)
        member("request_id", record.requestID)
        member("method", record.method)
        member("path", record.path)
        member("status", record.status)
        member("client", record.client)
        if !record.model.isEmpty {
            member("model", record.model)
            member("backend", record.backend)
            if !record.location.isEmpty { member("location", record.location) }
            key("stream")
            boolean(record.isStream)
            write(record.tokens)
            if !record.finishReason.isEmpty { member("finish_reason", record.finishReason) }
            if record.isTruncated {
                key("truncated")
                boolean(true)
            }
            positive("retries", record.retries)
            positive("spills", record.spills)
            positive("hedges", record.hedges)
        }
        if let error = record.error { member("error", error) }
        if let reason = record.reason { member("reason", reason) }
        member("bytes_in", record.bytesIn)
        member("bytes_out", record.bytesOut)
        write(record.timings)
        endObject()
    }

    private mutating func write(_ tokens: RequestRecord.TokenCounts) {
        member("prompt_tokens", tokens.prompt)
        positive("cached_tokens", tokens.cached)
        member("completion_tokens", tokens.completion)
        positive("thinking_tokens", tokens.thinking)
    }

    private mutating func write(_ timings: RequestRecord.Timings) {
        if timings.firstToken > 0 { member("first_token_ms", milliseconds(timings.timeToFirstToken)) }
        if timings.sent > 0 { member("upstream_ms", milliseconds(timings.upstream)) }
        member("own_us", Int(timings.own / 1000))
        member("ms", milliseconds(timings.total))
    }

    private func milliseconds(_ nanoseconds: UInt64) -> Int { Int(nanoseconds / 1_000_000) }

    private mutating func member(_ name: StaticString, _ value: String) {
        key(name)
        string(text: value)
    }

    private mutating func member(_ name: StaticString, _ value: Int) {
        key(name)
        integer(value)
    }

    private mutating func positive(_ name: StaticString, _ value: Int) {
        if value > 0 { member(name, value) }
    }
}
