import PolluxGateway
import PolluxHTTP

/// From a request's head to what an exchange knows of it.
extension ClientRequest {
    /// Headers that an exchange may look at, beside those that are forwarded.
    private static let interesting: [FieldName] = [
        "authorization", "x-goog-api-key", "api-key", "x-request-id", "x-pollux-explain", "x-goog-user-project",
        "x-goog-request-params", "x-vertex-ai-llm-request-type", "x-vertex-ai-llm-shared-request-type",
        "x-server-timeout", "x-request-timeout", "x-stainless-timeout", "x-stainless-read-timeout", "traceparent",
        "tracestate",
    ]
    private static let interestingTogether = FieldNames(interesting)
    private static let interestingTexts = interesting.map(\.description)

    /// - Parameter names: of headers that the operator wants forwarded, in lower case.
    init(_ head: RequestHead, forwarding names: [String]) {
        var headers: [(name: String, value: String)] = []
        for (place, value) in head.values(of: Self.interestingTogether) {
            headers.append((Self.interestingTexts[place], value))
        }
        for name in names where !Self.interestingTexts.contains(name) {
            for value in head.values(named: name) { headers.append((name, value)) }
        }
        let isUsual = head.isTarget("/v1/chat/completions")
        self.init(method: head.methodText, target: isUsual ? Route.usualTarget : head.target, headers: headers)
    }
}
