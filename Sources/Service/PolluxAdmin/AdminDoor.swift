internal import Crypto
internal import PolluxConfiguration
internal import PolluxSecret

/// Who may come in to the admin listener, decided from the head of a request.
///
///     Host      an address, localhost, the listener's own name, or one of admin.hosts: a web page that makes its own
///               name lead to this machine (DNS rebinding) sends that name
///     Origin    none, or the listener itself: no other web page may ask, not even with a token it has stolen
///     token     compared in constant time
struct AdminDoor: Sendable {
    private let hosts: Set<String>
    /// `nil`: nobody gets in, unless everybody does.
    private let token: SHA256Digest?
    private let isOpen: Bool

    init(_ admin: Configuration.Admin) {
        var hosts = Set(admin.hosts.map { $0.lowercased() })
        hosts.insert("localhost")
        if let address = admin.listener?.address { hosts.insert(address.lowercased()) }
        self.hosts = hosts
        token = admin.token.map { secret in secret.withText { SHA256.hash(data: Array($0.utf8)) } }
        isOpen = admin.token == nil && admin.allowAnonymous && admin.listener?.isLoopback == true
    }

    /// Why a request is refused before anything of it is looked at; `nil` when it is not.
    func refusal(host: String?, origin: String?, site: String?) -> String? {
        guard let host, isKnown(host) else {
            return "This name is not one of the admin listener's; see admin.hosts."
        }
        if let origin, origin.lowercased() != "http://\(host.lowercased())",
            origin.lowercased() != "https://\(host.lowercased())"
        {
            return "Other web pages may not ask here."
        }
        if let site, site != "same-origin", site != "none" { return "Other web pages may not ask here." }
        return nil
    }

    /// Whether the value of `Authorization` opens what needs a token.
    func admits(authorization: String?) -> Bool {
        if isOpen { return true }
        guard let token, let authorization else { return false }
        let scheme = authorization.utf8.prefix(7)
        guard scheme.elementsEqual("bearer ".utf8, by: { $0 | 0x20 == $1 | 0x20 }) else { return false }
        let digest = SHA256.hash(data: Array(authorization.utf8.dropFirst(7)))
        var difference: UInt8 = 0
        for (first, second) in zip(digest, token) { difference |= first ^ second }
        return difference == 0
    }

    /// - Parameter host: with or without a port.
    private func isKnown(_ host: String) -> Bool {
        var name = host.lowercased()[...]
        if name.hasPrefix("[") {
            guard let end = name.firstIndex(of: "]") else { return false }
            let address = name[name.index(after: name.startIndex)..<end]
            return Hosts.isIPv6(String(address)) && Self.isPort(name[name.index(after: end)...])
        }
        if let colon = name.firstIndex(of: ":") {
            guard Self.isPort(name[colon...]) else { return false }
            name = name[..<colon]
        }
        return hosts.contains(String(name)) || Hosts.ipv4(String(name)) != nil
    }

    /// Nothing, or `:` and digits.
    private static func isPort(_ text: Substring) -> Bool {
        text.isEmpty
            || (text.first == ":" && (2...6).contains(text.utf8.count)
                && text.utf8.dropFirst().allSatisfy { $0 &- 0x30 < 10 })
    }
}
