/// An `http` or `https` URL, read strictly: what two parsers could read in two ways is refused.
struct MediaURL: Sendable, Equatable {
    var isSecure: Bool
    var host: String
    var port: Int?
    /// Path and query, beginning with `/`.
    var target: String

    /// - Returns: `nil` for user information, backslashes, white space, control characters, other schemes.
    init?(_ text: String) {
        guard text.utf8.count <= 8192, text.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F && $0 != UInt8(ascii: "\\") })
        else {
            return nil
        }
        let lowered = text.prefix(8).lowercased()
        var rest: Substring
        if lowered.hasPrefix("https://") {
            isSecure = true
            rest = text.dropFirst(8)
        } else if lowered.hasPrefix("http://") {
            isSecure = false
            rest = text.dropFirst(7)
        } else {
            return nil
        }
        if let fragment = rest.firstIndex(of: "#") { rest = rest[..<fragment] }
        let end = rest.firstIndex { $0 == "/" || $0 == "?" } ?? rest.endIndex
        var authority = rest[..<end]
        target = String(rest[end...])
        if !target.hasPrefix("/") { target = "/" + target }
        guard !authority.isEmpty, !authority.contains("@"), !authority.contains("%") else { return nil }
        if authority.hasPrefix("[") {
            guard let close = authority.firstIndex(of: "]") else { return nil }
            host = String(authority[authority.index(after: authority.startIndex)..<close])
            authority = authority[authority.index(after: close)...]
            guard authority.isEmpty || authority.hasPrefix(":") else { return nil }
            authority = authority.dropFirst()
        } else {
            let parts = authority.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            host = String(parts[0]).lowercased()
            authority = parts.count > 1 ? parts[1] : ""
            guard host.utf8.allSatisfy(Self.isHostByte) else { return nil }
        }
        guard !host.isEmpty, host.utf8.count <= 253 else { return nil }
        if !authority.isEmpty {
            guard let number = Int(authority), (1...65535).contains(number) else { return nil }
            port = number
        }
    }

    private static func isHostByte(_ byte: UInt8) -> Bool {
        byte &- UInt8(ascii: "a") < 26 || byte &- UInt8(ascii: "0") < 10 || byte == UInt8(ascii: ".")
            || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
    }

    /// The address that this one's `Location` leads to.
    func redirected(to location: String) -> MediaURL? {
        if location.hasPrefix("//") { return MediaURL((isSecure ? "https:" : "http:") + location) }
        if location.hasPrefix("/") {
            var copy = self
            guard location.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F && $0 != UInt8(ascii: "\\") }) else { return nil }
            copy.target =
                location.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false).first.map(String.init)
                ?? "/"
            return copy
        }
        return MediaURL(location)
    }

    var authority: String {
        let name = host.contains(":") ? "[\(host)]" : host
        return port.map { "\(name):\($0)" } ?? name
    }

    var text: String { (isSecure ? "https://" : "http://") + authority + target }
}
