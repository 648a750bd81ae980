internal import PolluxObservation

/// Traced requests as one `ExportTraceServiceRequest`: for each a span of its own, and below it one of its upstream call.
///
/// - Source: opentelemetry-proto, `trace/v1/trace.proto`; OpenTelemetry, semantic conventions for HTTP and GenAI.
struct TraceRequest {
    /// The program's version.
    let version: String
    /// What OpenTelemetry calls the service behind each backend.
    let providers: [String: String]

    private enum Kind: UInt64 { case server = 2, client = 3 }

    func bytes(_ records: [RequestRecord]) -> [UInt8] {
        var writer = ProtobufWriter()
        writer.message(1) { resourceSpans in
            resourceSpans.message(1) { resource in
                resource.attribute(1, "service.name", "pollux")
                resource.attribute(1, "service.version", version)
            }
            resourceSpans.message(2) { scopeSpans in
                scopeSpans.message(1) { scope in
                    scope.text(1, "pollux")
                    scope.text(2, version)
                }
                for record in records {
                    guard let trace = record.trace else { continue }
                    scopeSpans.message(2) { write(record, trace, into: &$0) }
                    if record.timings.sent > 0 { scopeSpans.message(2) { writeUpstream(record, trace, into: &$0) } }
                }
            }
        }
        return writer.bytes
    }

    /// The request as the client saw it.
    private func write(_ record: RequestRecord, _ trace: TraceContext, into span: inout ProtobufWriter) {
        let timings = record.timings
        let name = "\(record.method) \(record.operation.rawValue)"
        span.begin(trace, id: trace.spanID, parent: trace.parentID, name: name)
        span.integer(6, Kind.server.rawValue)
        span.fixed64(7, record.unixTime(timings.received))
        span.fixed64(8, record.unixTime(timings.end))
        span.attribute(9, "http.request.method", record.method)
        span.attribute(9, "url.path", record.path)
        span.attribute(9, "http.response.status_code", record.status)
        span.attribute(9, "http.request.body.size", record.bytesIn)
        span.attribute(9, "http.response.body.size", record.bytesOut)
        span.attribute(9, "pollux.request_id", record.requestID)
        span.attribute(9, "pollux.client", record.client)
        span.attribute(9, "pollux.own_us", Int(timings.own / 1000))
        for (name, moment) in [
            ("translated", timings.translated), ("credential", timings.credential), ("first token", timings.firstToken),
        ] where moment > 0 {
            span.message(11) { event in
                event.fixed64(1, record.unixTime(moment))
                event.text(2, name)
            }
        }
        span.writeStatus(record, isError: record.status >= 500)
    }

    /// The call upstream, with what GenAI tools look for.
    private func writeUpstream(_ record: RequestRecord, _ trace: TraceContext, into span: inout ProtobufWriter) {
        let timings = record.timings
        span.begin(
            trace, id: trace.upstreamSpanID, parent: trace.spanID, name: "\(record.operation.rawValue) \(record.model)")
        span.integer(6, Kind.client.rawValue)
        span.fixed64(7, record.unixTime(timings.sent))
        span.fixed64(8, record.unixTime(timings.upstreamEnd > 0 ? timings.upstreamEnd : timings.end))
        span.attribute(9, "gen_ai.operation.name", record.operation.rawValue)
        if let provider = providers[record.backend] { span.attribute(9, "gen_ai.provider.name", provider) }
        span.attribute(9, "gen_ai.request.model", record.model)
        span.attribute(9, "gen_ai.usage.input_tokens", record.tokens.prompt)
        span.attribute(9, "gen_ai.usage.output_tokens", record.tokens.completion)
        if !record.finishReason.isEmpty {
            span.message(9) { pair in
                pair.text(1, "gen_ai.response.finish_reasons")
                pair.message(2) { value in
                    value.message(5) { list in list.message(1) { $0.text(1, record.finishReason) } }
                }
            }
        }
        span.attribute(9, "pollux.backend", record.backend)
        if !record.location.isEmpty { span.attribute(9, "pollux.location", record.location) }
        if record.retries > 0 { span.attribute(9, "pollux.retries", record.retries) }
        if record.spills > 0 { span.attribute(9, "pollux.spills", record.spills) }
        span.writeStatus(record, isError: record.status >= 400 || record.isTruncated)
    }
}

extension ProtobufWriter {
    fileprivate mutating func begin(_ trace: TraceContext, id: UInt64, parent: UInt64, name: String) {
        data(1, Self.bigEndian(trace.traceID.high) + Self.bigEndian(trace.traceID.low))
        data(2, Self.bigEndian(id))
        if parent != 0 { data(4, Self.bigEndian(parent)) }
        text(5, name)
    }

    fileprivate mutating func attribute(_ field: Int, _ name: String, _ value: String) {
        message(field) { pair in
            pair.text(1, name)
            pair.message(2) { $0.text(1, value) }
        }
    }

    fileprivate mutating func attribute(_ field: Int, _ name: String, _ value: Int) {
        message(field) { pair in
            pair.text(1, name)
            pair.message(2) { $0.integer(3, UInt64(bitPattern: Int64(value))) }
        }
    }

    fileprivate mutating func writeStatus(_ record: RequestRecord, isError: Bool) {
        guard isError else { return }
        attribute(9, "error.type", record.error ?? String(record.status))
        message(15) { $0.integer(3, 2) }
    }

    private static func bigEndian(_ value: UInt64) -> [UInt8] {
        stride(from: 56, through: 0, by: -8).map { UInt8(truncatingIfNeeded: value >> UInt64($0)) }
    }
}

extension RequestRecord {
    /// A moment of the monotonic clock as Unix nanoseconds.
    fileprivate func unixTime(_ moment: UInt64) -> UInt64 {
        UInt64(max(0, endedAt)) &- (timings.end &- moment)
    }
}
