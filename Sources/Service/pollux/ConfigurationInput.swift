import PolluxConfiguration

/// Where the configuration comes from. It is read at the start, and again for each reload.
struct ConfigurationInput: Sendable {
    let file: String?
    let environment: [String: String]
    let overrides: [ConfigurationOverride]
    /// Where recordings answer in every upstream's place.
    var recordedPort: Int?

    /// - Blocks: reads files.
    func load() throws(ConfigurationErrors) -> LoadedConfiguration {
        var loaded = try Configuration.load(contentsOf: file, environment: environment, overrides: overrides)
        if let recordedPort { loaded.configuration.redirect(to: recordedPort) }
        return loaded
    }
}
