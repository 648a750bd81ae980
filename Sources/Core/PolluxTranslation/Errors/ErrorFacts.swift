internal import PolluxJSON

/// What Google's `details` say beside the message.
struct ErrorFacts {
    /// `ErrorInfo.reason`
    var reason: String?
    /// `RetryInfo.retryDelay` (ERR-040)
    var retryDelay: Duration?
    /// A per-day quota or a limit of zero: waiting does not help (ERR-018).
    var isQuotaSpent = false

    init() {}

    init(_ details: JSONNode, of json: borrowing JSONDocument) {
        var elements = json.elements(details)
        while let detail = elements.next(in: json) {
            let type = json.value("@type", of: detail).map { json.string($0) } ?? ""
            if type.hasSuffix("ErrorInfo") {
                reason = json.value("reason", of: detail).map { json.string($0) }
                if let metadata = json.value("metadata", of: detail) { readQuota(metadata, of: json) }
            } else if type.hasSuffix("RetryInfo") {
                retryDelay = json.value("retryDelay", of: detail).flatMap { Self.duration(json.string($0)) }
            } else if type.hasSuffix("QuotaFailure"), let violations = json.value("violations", of: detail) {
                var list = json.elements(violations)
                while let violation = list.next(in: json) { readQuota(violation, of: json) }
            }
        }
    }

    private mutating func readQuota(_ node: JSONNode, of json: borrowing JSONDocument) {
        var members = json.members(node)
        while let member = members.next(in: json) {
            let value = json.string(member.value)
            let lowered = value.lowercased()
            if lowered.contains("perday") || lowered.contains("per_day") || lowered.contains("limit: 0") {
                isQuotaSpent = true
            }
            if json.equals(member.key, "quota_limit_value") || json.equals(member.key, "quotaValue"), value == "0" {
                isQuotaSpent = true
            }
        }
    }

    /// `"34.074s"`, in milliseconds, rounded up.
    static func duration(_ text: String) -> Duration? {
        guard text.hasSuffix("s") else { return nil }
        let parts = text.dropLast().split(separator: ".", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), parts.allSatisfy({ $0.utf8.allSatisfy { (48...57).contains($0) } }),
            parts[0].utf8.count <= 9, let seconds = Int(parts[0])
        else { return nil }
        let fraction = parts.count == 2 ? String((parts[1] + "000000000").prefix(9)) : "0"
        return .milliseconds(seconds * 1000 + ((Int(fraction) ?? 0) + 999_999) / 1_000_000)
    }
}
