/// Where an upstream listens.
public struct UpstreamAddress: Sendable, Hashable, CustomStringConvertible {
    public var isSecure: Bool
    public var host: String
    public var port: Int

    public init(isSecure: Bool, host: String, port: Int? = nil) {
        self.isSecure = isSecure
        self.host = host
        self.port = port ?? (isSecure ? 443 : 80)
    }

    /// The value of `Host`.
    public var authority: String {
        let name = host.contains(":") ? "[\(host)]" : host
        return port == (isSecure ? 443 : 80) ? name : "\(name):\(port)"
    }

    public var description: String { "\(isSecure ? "https" : "http")://\(authority)" }

    /// Reads `https://host[:port][/prefix]`; the prefix comes back without its last slash.
    ///
    /// - Returns: `nil` for any other scheme, user information, a query, or a port that is none.
    public static func parse(_ url: String) -> (address: UpstreamAddress, prefix: String)? {
        let isSecure: Bool
        var rest: Substring
        if url.lowercased().hasPrefix("https://") {
            isSecure = true
            rest = url.dropFirst(8)
        } else if url.lowercased().hasPrefix("http://") {
            isSecure = false
            rest = url.dropFirst(7)
        } else {
            return nil
        }
        let end = rest.firstIndex { $0 == "/" || $0 == "?" || $0 == "#" } ?? rest.endIndex
        let authority = rest[..<end]
        var prefix = String(rest[end...])
        rest = authority
        guard !prefix.contains("?"), !prefix.contains("#"), !authority.contains("@") else { return nil }
        while prefix.hasSuffix("/") { prefix.removeLast() }
        var host = String(rest)
        var port: Int?
        if rest.hasPrefix("[") {
            guard let close = rest.firstIndex(of: "]") else { return nil }
            host = String(rest[rest.index(after: rest.startIndex)..<close])
            let tail = rest[rest.index(after: close)...]
            if !tail.isEmpty {
                guard tail.first == ":", let number = Int(tail.dropFirst()) else { return nil }
                port = number
            }
        } else if let colon = rest.lastIndex(of: ":") {
            host = String(rest[..<colon])
            guard let number = Int(rest[rest.index(after: colon)...]) else { return nil }
            port = number
        }
        guard !host.isEmpty, port.map({ (1...65535).contains($0) }) ?? true else { return nil }
        return (UpstreamAddress(isSecure: isSecure, host: host.lowercased(), port: port), prefix)
    }
}
