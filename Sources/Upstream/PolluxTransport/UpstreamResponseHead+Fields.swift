import NIOCore

extension UpstreamResponseHead {
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
