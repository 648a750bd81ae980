import PolluxGateway
import PolluxHTTP
import PolluxJSON

/// From a request's head to what an exchange knows of it.
extension ClientRequest {
    /// Headers that an exchange may look at, beside those that are forwarded.
    private static let interesting: [FieldName] = [
        "authorization", "x-goog-api-key", "api-key", "x-request-id", "x-pollux-explain", "x-goog-user-project",
        "x-goog-request-params", "x-vertex-ai-llm-request-type", "x-vertex-ai-llm-shared-request-type",
        "x-server-timeout", "x-request-timeout", "x-stainless-timeout", "x-stainless-read-timeout", "traceparent",
        "tracestate",
    ]
    private static let states: FieldName = "tracestate"
    private static let interestingTogether = FieldNames(interesting)
    private static let interestingTexts = interesting.map(\.description)

    /// - Parameters:
    ///   - names: of headers that the operator wants forwarded, in lower case.
    ///   - previous: headers of the connection's request before. Most are the same, and their texts serve again.
    init(
        _ head: borrowing RequestHead, forwarding names: [String], previous: [(name: String, value: String)]
    ) {
        var headers = Self.headers(of: head, previous: previous)
        // The one header here that may come in several pieces, which are one list (W3C Trace Context).
        if head.contains(Self.states), let place = headers.firstIndex(where: { $0.name == "tracestate" }) {
            headers[place].value = head.values(named: "tracestate").joined(separator: ",")
        }
        for name in names where !Self.interestingTexts.contains(name) {
            for value in head.values(named: name) { headers.append((name, value)) }
        }
        let isUsual = head.isTarget("/v1/chat/completions")
        self.init(method: head.methodText, target: isUsual ? Route.usualTarget : head.target, headers: headers)
    }

    private static func headers(
        of head: borrowing RequestHead, previous: [(name: String, value: String)]
    ) -> [(name: String, value: String)] {
        var headers: [(name: String, value: String)] = []
        /// So many are what they were before.
        var count = 0
        var isSame = true
        head.forEachValue(of: interestingTogether) { place, value in
            let name = interestingTexts[place]
            let isKnown =
                count < previous.count && previous[count].name == name
                && previous[count].value.utf8Span.span.isSame(value)
            if !isKnown, isSame {
                isSame = false
                headers = Array(previous[..<count])
            }
            if !isSame { headers.append((name, isKnown ? previous[count].value : String(copying: value))) }
            count += 1
        }
        return isSame && count == previous.count ? previous : isSame ? Array(previous[..<count]) : headers
    }
}

extension Span<UInt8> {
    fileprivate func isSame(_ other: Span<UInt8>) -> Bool {
        guard count == other.count else { return false }
        for index in indices where self[index] != other[index] { return false }
        return true
    }
}
