extension Configuration {
    /// The reference of all keys, as a document.
    public static func markdown() -> String {
        var lines = [introduction]
        var group = ""
        for key in keys {
            let next = heading(key)
            if next != group {
                group = next
                lines.append("\n## \(group)\n")
                lines.append("| Key | Type | Default | Environment variable | Meaning |")
                lines.append("|---|---|---|---|---|")
            }
            lines.append(row(key))
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// The section's name; single values at the top share one heading.
    private static func heading(_ key: ConfigurationKey) -> String {
        let isSection = key.path.contains(".") || key.type == .list
        return isSection ? "`\(key.path.prefix { $0 != "." && $0 != "[" })`" : "At the top"
    }

    private static func row(_ key: ConfigurationKey) -> String {
        let rules = key.rules.isEmpty ? "" : " (\(key.rules.joined(separator: ", ")))"
        let fallback =
            if case .value(let text) = key.fallback { "`\(text)`" } else { key.defaultText }
        let cells = [
            "`\(key.path)`", key.type.description, fallback,
            key.environmentVariable.map { "`\($0)`" } ?? "–", key.meaning + rules,
        ]
        return "| " + cells.map { $0.replacing("|", with: "\\|") }.joined(separator: " | ") + " |"
    }

    private static let introduction = """
        # Configuration

        `pollux serve --config FILE` reads one YAML file; JSON is YAML, too. Everything that is wrong
        with it is reported at once, each error with its line and column, and nothing is started. An
        unknown key is an error.

        - **Names** below are dotted paths: `listen.port` is `listen: {port: 8080}`. `[]` stands for an
          element of a list, `*` for a name you choose.
        - **Precedence**: the file, then environment variables, then flags; the later wins.
        - **Environment variables** are `POLLUX_` and the path in capitals with `_` for `.`. Lists and
          mappings are set as a whole, in YAML: `POLLUX_BACKENDS='[{name: eu, kind: vertex}]'`; a list of
          texts may be written with commas. An empty variable counts as not set. An unknown variable that
          begins with `POLLUX_` is an error, except `POLLUX_CONFIG` (the file's path), `POLLUX_BASE_URL` and
          `POLLUX_API_KEY` (for clients), and those that Kubernetes makes for a Service named `pollux`.
        - **Durations** are a number with a unit: `500ms`, `15s`, `10m`, `24h`. **Sizes** are a number of
          bytes, or a number with `KiB`, `MiB` or `GiB`.
        - **Secrets** are written `env:NAME` or `file:/path`; line ends at the end of the file do not
          count. A secret in the configuration itself works, with a warning.
        - **`null`** and an empty value count as not written.
        - **While it runs** Pollux reads the configuration again: on SIGHUP, and with `reload.watch` when the
          file, or a file of a secret, has changed. A new configuration that is wrong is refused as a whole;
          its errors are logged, and the old one stays. A listener does not move: that needs a restart.
        """
}
