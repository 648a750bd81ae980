internal import PolluxTranslation

/// The head of a client's request: the few things of it that matter.
public struct ClientRequest: Sendable {
    public var method: String
    /// Path and query, as they were sent.
    public var target: String
    /// Names in lower case, as far as ``interestingHeaders`` lists them.
    public var headers: [(name: String, value: String)]

    public init(method: String, target: String, headers: [(name: String, value: String)]) {
        self.method = method
        self.target = target
        self.headers = headers
    }

    /// The first header of this name.
    public func header(_ name: String) -> String? {
        for index in headers.indices
        where headers[index].name.utf8.count == name.utf8.count && headers[index].name == name {
            return headers[index].value
        }
        return nil
    }

    public var path: Substring {
        target[..<(target.utf8.firstIndex(of: UInt8(ascii: "?")) ?? target.endIndex)]
    }

    private var hasQuery: Bool {
        let bytes = target.utf8Span.span
        for index in bytes.indices where bytes[index] == UInt8(ascii: "?") { return true }
        return false
    }

    /// The value of a query member, percent-decoded.
    public func query(_ name: String) -> String? {
        guard let mark = target.firstIndex(of: "?") else { return nil }
        for pair in target[target.index(after: mark)...].split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1)
            if parts.count == 2, parts[0] == name { return PercentEncoding.decoded(parts[1]) }
        }
        return nil
    }

    /// The target for logs: without its query, which may hold a key (AUTH-004).
    public var loggedPath: String {
        if target == Route.usualTarget || target.utf8.count <= 200 && !hasQuery { return target }
        let path = self.path
        return path.utf8.count <= 200 ? String(path) : String(path.prefix(200))
    }
}
