import PolluxJSON

/// One request as the request log tells it: without credentials.
struct LoggedRequest: Sendable {
    var number = 0
    var milliseconds: Int
    var method: String
    var target: RequestTarget
    var facts: RequestFacts
    /// Which credential came: `bearer`, `key`, `both` or `none`.
    var credential: String
    var fields: [(name: String, value: String)]
    /// The first ``RequestLog/maximumBodyBytes`` bytes; none for the token services, whose bodies are secrets.
    var body: [UInt8]
    var bodyBytes: Int
    var status: Int
    /// The rule or quota of the script that decided.
    var rule: String?

    init(_ head: RequestHead, _ facts: RequestFacts, _ body: Span<UInt8>, at milliseconds: Int) {
        self.milliseconds = milliseconds
        method = head.method
        target = head.target
        self.facts = facts
        credential =
            switch (head.bearer != nil, head.key != nil) {
            case (true, true): "both"
            case (true, false): "bearer"
            case (false, true): "key"
            case (false, false): "none"
            }
        fields = head.shownFields
        bodyBytes = body.count
        self.body =
            facts.service == .token
            ? [] : Array(copying: body.extracting(0..<min(body.count, RequestLog.maximumBodyBytes)))
        status = 0
    }

    /// Bytes that the entry takes in memory, about.
    var byteCount: Int { 1024 + body.count }

    /// Whether a header field may be shown: those that say who asks and how, never with what right.
    static func shows(_ name: String) -> Bool {
        let isSmall = !name.utf8.contains { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) }
        return shown.contains(isSmall ? name : name.lowercased())
    }

    private static let shown: Set<String> = [
        "accept", "accept-encoding", "content-type", "user-agent", "x-goog-api-client", "x-goog-request-params",
        "x-goog-user-project", "x-request-id", "x-server-timeout", "x-vertex-ai-llm-request-type",
        "x-vertex-ai-llm-shared-request-type",
    ]

    func write(into writer: inout JSONWriter) {
        writer.object {
            $0.member("number", number)
            $0.member("time", Timestamp.text(seconds: milliseconds / 1000))
            $0.member("method", method)
            $0.member("target", target.shown)
            $0.member("service", facts.service.rawValue)
            if !facts.method.isEmpty { $0.member("operation", facts.method) }
            if !facts.model.isEmpty { $0.member("model", facts.model) }
            if !facts.project.isEmpty { $0.member("project", facts.project) }
            if !facts.region.isEmpty { $0.member("region", facts.region) }
            $0.member("credential", credential)
            $0.member("headers") {
                $0.object {
                    for field in fields {
                        $0.key(text: field.name.lowercased())
                        $0.string(text: field.value)
                    }
                }
            }
            $0.member("status", status)
            $0.member("rule", rule)
            $0.member("bodyBytes", bodyBytes)
            writeBody(into: &$0)
        }
    }

    /// As JSON where it is whole and JSON, else as text.
    private func writeBody(into writer: inout JSONWriter) {
        guard !body.isEmpty else { return }
        var tape = JSONTape()
        if body.count == bodyBytes, (try? tape.parse(body.span)) != nil {
            writer.key("body")
            Redaction.copy(.root, of: tape.document(of: body.span), into: &writer)
        } else {
            writer.member("bodyText", String(decoding: body, as: UTF8.self))
        }
    }
}
