/// The beginning of an upstream's addresses: scheme, host, port and, for some backends, a path.
///
/// - Shape: `http://host`, `https://host:port/path`, `http://[::1]:8000`. No user information, query
///   or fragment: a credential in an address would end up in logs.
public struct BaseURL: Sendable, Hashable {
    public var scheme: Scheme
    /// A name or an IPv4 address in lower case, or an IPv6 address without brackets.
    public var host: String
    public var port: Int
    /// Empty, or `/v1`: begins with `/`, never ends with it.
    public var path: String

    public enum Scheme: String, Sendable, Hashable, CaseIterable {
        case http
        case https

        public var usualPort: Int { self == .http ? 80 : 443 }
    }

    public init(scheme: Scheme, host: String, port: Int, path: String = "") {
        self.scheme = scheme
        self.host = host
        self.port = port
        self.path = path
    }

    /// The whole as a text.
    public var url: String {
        "\(scheme.rawValue)://\(Hosts.inURL(host)):\(port)\(path)"
    }

    /// Why a text is no base URL. The cases say it without repeating the text.
    enum Flaw: String, Error {
        case scheme = "must begin with http:// or https://"
        case userInformation = "must not hold a user name or password"
        case host = "must name a host"
        case port = "has a port that is not between 1 and 65535"
        case path = "must be printable ASCII without query and fragment"
    }

    init(_ text: String) throws(Flaw) {
        guard text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\\") }) else {
            throw .path
        }
        guard let scheme = Scheme.allCases.first(where: { text.lowercased().hasPrefix("\($0.rawValue)://") })
        else { throw .scheme }
        let rest = text.dropFirst(scheme.rawValue.count + 3)
        let authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        guard !authority.contains("@") else { throw .userInformation }
        var path = rest[authority.endIndex...]
        guard !path.contains("?"), !path.contains("#") else { throw .path }
        while path.hasSuffix("/") { path.removeLast() }

        let (host, port) = try Self.split(authority)
        self.scheme = scheme
        self.host = host
        self.port = port ?? scheme.usualPort
        self.path = String(path)
    }

    /// `host`, `host:port`, `[address]`, `[address]:port`.
    private static func split(_ authority: Substring) throws(Flaw) -> (host: String, port: Int?) {
        let host: String
        var rest: Substring
        if authority.hasPrefix("[") {
            guard let end = authority.firstIndex(of: "]") else { throw .host }
            host = authority[authority.index(after: authority.startIndex)..<end].lowercased()
            guard Hosts.isIPv6(host) else { throw .host }
            rest = authority[authority.index(after: end)...]
        } else {
            let name = authority.prefix { $0 != ":" }
            host = name.lowercased()
            guard Pattern.dnsName.matches(host) else { throw .host }
            rest = authority[name.endIndex...]
        }
        guard !rest.isEmpty else { return (host, nil) }
        guard rest.removeFirst() == ":", let port = Units.number(rest), 1...65535 ~= port else { throw .port }
        return (host, port)
    }
}

extension BaseURL: CustomStringConvertible {
    /// Without the port where it is the usual one.
    public var description: String {
        "\(scheme.rawValue)://\(Hosts.inURL(host))\(port == scheme.usualPort ? "" : ":\(port)")\(path)"
    }

    /// Whether requests stay on this machine.
    public var isLoopback: Bool { Hosts.isLoopback(host) }
}
