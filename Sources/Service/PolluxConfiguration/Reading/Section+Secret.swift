import PolluxSecret

extension Section {
    /// Secrets are short; a certificate chain or a wrong path is not.
    private static let maximumSecretBytes = 65_536

    /// A secret, from where the key says.
    ///
    ///     env:NAME       the environment variable
    ///     file:/path     the file, without the line ends at its end
    ///     anything else  itself, with a warning
    ///
    /// No report ever holds the secret, nor a reference that could be one.
    func secret(_ name: String) -> Secret? {
        guard let (text, _) = written(name) else { return nil }
        let found: String?
        if text.hasPrefix("env:") {
            found = variable(String(text.dropFirst(4)), for: name)
        } else if text.hasPrefix("file:") {
            found = file(String(text.dropFirst(5)), for: name)
        } else {
            warn(name, "a secret stands in the configuration itself; write env:NAME or file:/path instead")
            found = text
        }
        guard let found else { return nil }
        return checked(found, for: name)
    }

    /// The first of these environment variables that is set.
    func secret(fromEnvironment variables: [String], for name: String) -> Secret? {
        guard let text = variables.lazy.compactMap({ context.environment[$0] }).first(where: { !$0.isEmpty })
        else { return nil }
        return checked(text, for: name)
    }

    private func variable(_ variable: String, for name: String) -> String? {
        let isName =
            !variable.isEmpty && variable.utf8.count <= 128
            && variable.allSatisfy { $0 == "_" || ($0.isASCII && ($0.isLetter || $0.isNumber)) }
        guard isName else {
            error(name, "expected the name of an environment variable after env:")
            return nil
        }
        guard let text = context.environment[variable] else {
            error(name, "the environment variable '\(variable)' is not set")
            return nil
        }
        return text
    }

    private func file(_ path: String, for name: String) -> String? {
        guard !path.isEmpty, !path.utf8.contains(0) else {
            error(name, "expected a path after file:")
            return nil
        }
        context.diagnostics.reads(path)
        do {
            var bytes = try FileBytes.contents(of: path, maximumBytes: Self.maximumSecretBytes)
            while let last = bytes.last, last == 0x0A || last == 0x0D { bytes.removeLast() }
            guard let text = String(validating: bytes, as: UTF8.self) else {
                error(name, "the file '\(path)' does not hold UTF-8 text")
                return nil
            }
            return text
        } catch {
            self.error(name, "the file '\(path)' cannot be read: \(error.reason)")
            return nil
        }
    }

    /// Secrets travel in header fields, where a line end would begin another header.
    private func checked(_ text: String, for name: String) -> Secret? {
        guard !text.isEmpty else {
            error(name, "the secret is empty")
            return nil
        }
        guard text.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else {
            error(name, "the secret holds a line end or another control character")
            return nil
        }
        return Secret(text)
    }
}
