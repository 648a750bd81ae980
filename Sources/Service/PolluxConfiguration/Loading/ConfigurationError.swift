/// Where a setting was written.
public struct ConfigurationLocation: Sendable, Hashable {
    /// The place settings come from; a later case wins over an earlier one.
    public enum Source: Sendable, Hashable {
        /// No file was named; the setting is missing everywhere.
        case defaults
        case file(String)
        /// The name of an environment variable.
        case environment(String)
        /// A command-line flag, as the operator knows it: `--port`.
        case flag(String)
    }

    public var source: Source
    /// From 1; `nil` where the source has no lines.
    public var line: Int?
    /// From 1, in Unicode scalars.
    public var column: Int?

    public init(source: Source, line: Int? = nil, column: Int? = nil) {
        self.source = source
        self.line = line
        self.column = column
    }
}

extension ConfigurationLocation: CustomStringConvertible {
    /// `pollux.yaml:3:5`, `POLLUX_LISTEN_PORT`, `--port`.
    public var description: String {
        let name =
            switch source {
            case .defaults: "configuration"
            case .file(let name), .environment(let name), .flag(let name): name
            }
        guard let line, let column else { return name }
        return "\(name):\(line):\(column)"
    }
}

/// One thing that is wrong with the configuration, and where.
///
/// The message never holds a secret, nor any value that could be one.
public struct ConfigurationError: Error, Sendable, Hashable {
    public var location: ConfigurationLocation
    /// The dotted path: `backends[0].kind`. Empty when the text as a whole is wrong.
    public var key: String
    public var message: String

    /// The file's name, when the setting stands in a file.
    public var file: String? {
        if case .file(let name) = location.source { name } else { nil }
    }
    public var line: Int? { location.line }
    public var column: Int? { location.column }
}

extension ConfigurationError: CustomStringConvertible {
    /// `FILE:LINE:COLUMN: key: message`.
    public var description: String { describe(location, key, message) }
}

/// Everything that is wrong with the configuration, in the order of the file. Never empty.
public struct ConfigurationErrors: Error, Sendable, Hashable, CustomStringConvertible {
    public var errors: [ConfigurationError]
    /// The configuration's own file, and those of secrets: a change of one may mend it.
    public var files = FileStamps()

    /// One error a line.
    public var description: String { errors.map(\.description).joined(separator: "\n") }
}

/// Something an operator should know about a configuration that loads.
public struct ConfigurationWarning: Sendable, Hashable, CustomStringConvertible {
    public var location: ConfigurationLocation
    public var key: String
    public var message: String

    /// `FILE:LINE:COLUMN: key: message`.
    public var description: String { describe(location, key, message) }
}

private func describe(_ location: ConfigurationLocation, _ key: String, _ message: String) -> String {
    key.isEmpty ? "\(location): \(message)" : "\(location): \(key): \(message)"
}
