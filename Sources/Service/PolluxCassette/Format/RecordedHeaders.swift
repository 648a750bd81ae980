/// Which headers are recorded: a list of those that say something and are no secret. All others are left out, so that
/// a header that nobody thought of cannot leak.
enum RecordedHeaders {
    private static let names: Set<String> = [
        "accept", "content-encoding", "content-type", "retry-after", "retry-after-ms", "server", "user-agent",
        "x-goog-user-project", "x-pollux-explain", "x-pollux-notes", "x-pollux-route", "x-request-id",
        "x-should-retry", "x-vertex-ai-llm-request-type", "x-vertex-ai-llm-shared-request-type",
    ]

    /// - Parameter name: in lower case.
    static func keeps(_ name: String) -> Bool {
        names.contains(name) || name.hasPrefix("x-stainless-") || name.hasPrefix("x-ratelimit-")
    }

    static func kept(_ headers: [(name: String, value: String)]) -> [Cassette.Header] {
        headers.filter { keeps($0.name) }.map { Cassette.Header(name: $0.name, value: $0.value) }
    }

    /// An address without the members of its query that may hold a key.
    static func withoutKeys(_ url: String) -> String {
        guard let mark = url.firstIndex(of: "?") else { return url }
        let kept = url[url.index(after: mark)...].split(separator: "&").filter { member in
            ["alt", "pageSize", "pageToken"].contains(member.prefix { $0 != "=" })
        }
        return kept.isEmpty ? String(url[..<mark]) : url[...mark] + kept.joined(separator: "&")
    }
}
