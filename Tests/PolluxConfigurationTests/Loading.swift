import PolluxConfiguration

/// The smallest configuration that loads.
let smallest = "backends: [{name: b, kind: vertex}]\n"

/// Loads `text`; a test that expects no errors fails with them.
func load(
    _ text: String, environment: [String: String] = [:], overrides: [ConfigurationOverride] = []
) throws -> Configuration {
    try Configuration.load(text: text, environment: environment, overrides: overrides).configuration
}

/// The errors of `text`, one a line as an operator reads them; empty when it loads.
func errors(in text: String, environment: [String: String] = [:]) -> [String] {
    do throws(ConfigurationErrors) {
        _ = try Configuration.load(text: text, name: "f", environment: environment)
        return []
    } catch {
        return error.errors.map(\.description)
    }
}

/// The warnings of `text`.
func warnings(in text: String, environment: [String: String] = [:]) throws -> [String] {
    try Configuration.load(text: text, name: "f", environment: environment).warnings.map(\.description)
}
