/// Settings from environment variables and from flags.
///
/// Both give one text for one key. Lists and mappings are written as YAML
/// (`[{name: eu, kind: vertex}]`); a list of texts may also be written with commas (`a, b`).
/// An empty variable counts as not set, because `${NAME:-}` in a compose file gives one.
struct EnvironmentSource {
    static let prefix = "POLLUX_"

    /// Variables that begin like ours and set no key.
    static let otherVariables: Set<String> = [
        // Names the configuration file, for the program.
        "POLLUX_CONFIG",
        // What clients of the gateway are told, in the samples: the same shell may start the gateway.
        "POLLUX_BASE_URL", "POLLUX_API_KEY",
        // Names the program, for its tests.
        "POLLUX_BIN",
    ]

    let table: KeyTable
    let diagnostics: Diagnostics

    func apply(_ environment: [String: String], to tree: inout SourceValue) {
        for (name, text) in environment.sorted(by: { $0.key < $1.key }) where name.hasPrefix(Self.prefix) {
            guard !Self.otherVariables.contains(name), !text.isEmpty, !isServiceLink(name, text) else {
                continue
            }
            let source = ConfigurationLocation.Source.environment(name)
            guard let key = table.variables[name] else {
                let near = EditDistance.nearest(to: name, among: table.variables.keys.sorted())
                diagnostics.error(
                    "unknown environment variable '\(name)'\(near.map { "; did you mean '\($0)'?" } ?? "")",
                    key: "", at: ConfigurationLocation(source: source)
                )
                continue
            }
            set(key, to: text, from: source, in: &tree)
        }
    }

    func apply(_ overrides: [ConfigurationOverride], to tree: inout SourceValue) {
        for override in overrides {
            let source = ConfigurationLocation.Source.flag(override.flag)
            guard let key = table.variables.values.first(where: { $0.path == override.key }) else {
                let near = EditDistance.nearest(to: override.key, among: table.settablePaths.sorted())
                diagnostics.error(
                    "unknown key '\(override.key)'\(near.map { "; did you mean '\($0)'?" } ?? "")",
                    key: override.key, at: ConfigurationLocation(source: source)
                )
                continue
            }
            set(key, to: override.text, from: source, in: &tree)
        }
    }

    /// Kubernetes describes every Service of a namespace to every container there. For a Service named
    /// `pollux` or `pollux-…` these begin like ours:
    ///
    ///     POLLUX_SERVICE_HOST=10.0.0.1      POLLUX_SERVICE_PORT=80     POLLUX_SERVICE_PORT_HTTP=80
    ///     POLLUX_PORT=tcp://10.0.0.1:80     POLLUX_PORT_80_TCP=tcp://10.0.0.1:80
    ///     POLLUX_PORT_80_TCP_ADDR=10.0.0.1  …_PORT=80  …_PROTO=tcp
    private func isServiceLink(_ name: String, _ text: String) -> Bool {
        let name = name[...]
        if name.hasSuffix("_SERVICE_HOST") || name.hasSuffix("_SERVICE_PORT")
            || name.contains("_SERVICE_PORT_")
        {
            return true
        }
        let protocols = ["TCP", "UDP", "SCTP"]
        if protocols.contains(where: { text.hasPrefix("\($0.lowercased())://") }) {
            return name.contains("_PORT")
        }
        return protocols.contains { word in
            ["ADDR", "PORT", "PROTO"].contains { name.hasSuffix("_\(word)_\($0)") }
        }
    }

    private func set(
        _ key: ConfigurationKey, to text: String, from source: ConfigurationLocation.Source,
        in tree: inout SourceValue
    ) {
        guard let value = value(of: key, text, source) else { return }
        let path = key.path.split(separator: ".").map(String.init)
        if let obstacle = tree.set(value, at: path[...]) {
            let section = path.dropLast().joined(separator: ".")
            diagnostics.error(
                "expected a mapping, found \(obstacle.noun)", key: section, at: obstacle.location)
        }
    }

    private func value(
        of key: ConfigurationKey, _ text: String, _ source: ConfigurationLocation.Source
    ) -> SourceValue? {
        let location = ConfigurationLocation(source: source)
        let yaml = YAMLSource(source: source, key: key.path, diagnostics: diagnostics)
        switch key.type {
        case .list, .namedList, .mapping:
            return yaml.tree(of: text)
        case .texts where text.drop(while: \.isWhitespace).hasPrefix("["):
            return yaml.tree(of: text)
        case .texts:
            let elements = text.split(separator: ",").map { element in
                SourceValue(content: .scalar(Self.trimmed(element), isQuoted: true), location: location)
            }
            return SourceValue(content: .list(elements), location: location)
        default:
            return SourceValue(content: .scalar(text, isQuoted: false), location: location)
        }
    }

    private static func trimmed(_ text: Substring) -> String {
        let start = text.drop(while: \.isWhitespace)
        return String(start.reversed().drop(while: \.isWhitespace).reversed())
    }
}
