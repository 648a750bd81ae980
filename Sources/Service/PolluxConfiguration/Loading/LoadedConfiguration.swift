/// A configuration that can be used, and what its operator should know about it.
public struct LoadedConfiguration: Sendable, Hashable {
    public var configuration: Configuration
    public var warnings: [ConfigurationWarning]
    /// The configuration's own file, and those of secrets.
    public var files: FileStamps
}

/// A setting from the command line.
///
/// The text is read like an environment variable's.
public struct ConfigurationOverride: Sendable, Hashable {
    /// The dotted path: `listen.port`.
    public var key: String
    public var text: String
    /// The flag as errors name it: `--port`.
    public var flag: String

    /// `flag`: `--set KEY` unless there is a shorter one.
    public init(key: String, text: String, flag: String? = nil) {
        self.key = key
        self.text = text
        self.flag = flag ?? "--set \(key)"
    }
}
