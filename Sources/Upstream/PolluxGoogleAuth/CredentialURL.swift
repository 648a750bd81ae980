import FoundationEssentials
import Logging

/// Scheme, host and port of a URL: what a message may show of it.
func hostText(of url: String) -> String {
    guard let parts = URLComponents(string: url), let host = parts.host else { return "an invalid URL" }
    return "\(parts.scheme ?? "")://\(host)\(parts.port.map { ":\($0)" } ?? "")"
}

extension CredentialContext {
    /// A URL of a credential file, looked over: `http` or `https`, with a host, without a password.
    ///
    /// Plain HTTP is let through, because metadata servers and stand-ins for tests have nothing else, but
    /// the log says so when it leaves this machine.
    func checkedURL(_ url: String, of name: String) throws(CredentialError) -> String {
        guard let parts = URLComponents(string: url), let scheme = parts.scheme?.lowercased(),
            scheme == "http" || scheme == "https", let host = parts.host, !host.isEmpty,
            parts.user == nil, parts.password == nil
        else { throw .invalid("`\(name)` is not an http or https URL.") }
        if scheme == "http", !isNearby(host) {
            logger.warning(
                "\(name) is plain http: credentials will travel unencrypted", metadata: ["host": "\(host)"])
        }
        return url
    }

    /// Whether traffic to `host` stays on this machine or its link.
    private func isNearby(_ host: String) -> Bool {
        let host = host.lowercased()
        return host == "localhost" || host.hasPrefix("127.") || host.hasPrefix("169.254.")
            || host == "[::1]" || host == "::1" || host.hasPrefix("[fe80:") || host.hasPrefix("[fd00:ec2:")
            || host == "metadata.google.internal"
    }
}
