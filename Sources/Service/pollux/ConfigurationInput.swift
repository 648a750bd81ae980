import PolluxConfiguration

/// Where the configuration comes from. It is read at the start, and again for each reload.
struct ConfigurationInput: Sendable {
    let file: String?
    let environment: [String: String]
    let overrides: [ConfigurationOverride]

    /// - Blocks: reads files.
    func load() throws(ConfigurationErrors) -> LoadedConfiguration {
        try Configuration.load(contentsOf: file, environment: environment, overrides: overrides)
    }
}
