import NIOCore

extension UpstreamResponseHead {
    /// Whether the body is JSON, as its type says, whatever parameters follow.
    public var isJSON: Bool { isType("application/json") }

    /// Whether the body is a stream of events, as its type says, whatever parameters follow.
    public var isEventStream: Bool { isType("text/event-stream") }

    private func isType(_ type: StaticString) -> Bool {
        let span = block.readableBytesUInt8Span
        return value("content-type").map { HeadLine.begins(span, $0, with: type) } ?? false
    }

    /// The coding that the body has although none was asked for; `nil` when it has none.
    public var coding: String? {
        guard let coding = text("content-encoding"), !coding.isEmpty, coding.lowercased() != "identity" else {
            return nil
        }
        return coding
    }

    /// What makes the body something that nobody asked for: a coding, or a type of neither answers nor streams.
    public var unaskedForm: String? {
        if let coding { return coding }
        guard !isJSON, !isEventStream, let type = contentType, !type.isEmpty else { return nil }
        return type
    }

    /// The same without its fields, and without the memory that they came in.
    public var withoutFields: UpstreamResponseHead { UpstreamResponseHead(status: status, block: ByteBuffer()) }

    /// The same in memory of its own.
    public var copied: UpstreamResponseHead {
        UpstreamResponseHead(status: status, block: ByteBuffer(bytes: block.readableBytesView))
    }

    public var contentType: String? { text("content-type") }
    public var retryAfter: String? { text("retry-after") }
    public var retryAfterMilliseconds: String? { text("retry-after-ms") }

    /// What OpenAI's SDKs obey before they look at the status; `nil` for any other word.
    public var shouldRetry: Bool? {
        switch text("x-should-retry") {
        case "true": true
        case "false": false
        default: nil
        }
    }

    private func text(_ name: StaticString) -> String? {
        value(name).map { HeadLine.text(block.readableBytesUInt8Span, $0) }
    }

    /// Where the value of the first field of this name stands; the name is in lower case.
    private func value(_ name: StaticString) -> Range<Int>? {
        let span = block.readableBytesUInt8Span
        var at = HeadLine.nextLine(span, from: 0)
        while at < span.count - 2 {
            let next = HeadLine.nextLine(span, from: at)
            if let field = HeadLine.field(span, at..<next - 2), HeadLine.isSame(span.extracting(field.name), name) {
                return field.value
            }
            at = next
        }
        return nil
    }

    /// The fields that are not about this one connection (RFC 9110, 7.6.1), names in lower case, in their order.
    ///
    /// Read only when asked for: few answers need them.
    public var endToEndFields: [(name: String, value: String)] {
        var fields: [(name: String, value: String)] = []
        var connectionOptions: [String] = []
        let span = block.readableBytesUInt8Span
        guard span.count > 2 else { return [] }
        var at = HeadLine.nextLine(span, from: 0)
        while at < span.count - 2 {
            let next = HeadLine.nextLine(span, from: at)
            defer { at = next }
            guard let field = HeadLine.field(span, at..<next - 2) else { continue }
            let name = HeadLine.text(span, field.name).lowercased()
            let value = HeadLine.text(span, field.value)
            if name == "connection" {
                for option in value.lowercased().split(separator: ",") {
                    connectionOptions.append(String(option.filter { $0 != " " && $0 != "\t" }))
                }
            }
            fields.append((name, value))
        }
        return fields.filter { !Self.hopByHop.contains($0.name) && !connectionOptions.contains($0.name) }
    }

    private static let hopByHop: Set<String> = [
        "connection", "content-length", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection",
        "te", "trailer", "transfer-encoding", "upgrade",
    ]
}
