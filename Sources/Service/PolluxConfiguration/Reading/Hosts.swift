/// Host names and addresses, by their text alone: nothing is looked up.
package enum Hosts {
    /// `localhost`, 127.0.0.0/8, `::1`.
    ///
    /// Whatever else may lead here (another spelling, a name in `/etc/hosts`) counts as public: the
    /// mistake then refuses to start instead of opening a door (AUTH-003).
    static func isLoopback(_ host: String) -> Bool {
        let host = host.lowercased()
        return host == "localhost" || host == "::1" || ipv4(host)?.first == 127
    }

    /// The host as a URL has it: an IPv6 address in brackets.
    static func inURL(_ host: String) -> String { host.contains(":") ? "[\(host)]" : host }

    /// Four numbers, or `nil`.
    package static func ipv4(_ text: String) -> [Int]? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        let numbers = parts.compactMap { Units.number($0) }
        guard parts.count == 4, numbers.count == 4, numbers.allSatisfy({ $0 < 256 }) else { return nil }
        return numbers
    }

    /// Looks like an IPv6 address: hexadecimal groups with at least two colons. The system decides
    /// for good when the address is used.
    package static func isIPv6(_ text: String) -> Bool {
        let colons = text.utf8.count { $0 == UInt8(ascii: ":") }
        return 2...7 ~= colons && text.allSatisfy { $0 == ":" || $0 == "." || ($0.isASCII && $0.isHexDigit) }
    }
}
