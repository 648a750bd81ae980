import ArgumentParser
import PolluxConfiguration

/// `pollux check`: is this configuration right?
///
/// Exit code 0 when it is, 1 with one line for each error: `FILE:LINE:COLUMN: key: message`.
struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Check a configuration file.")

    @Option(help: "The configuration file (YAML).")
    var config: String

    func run() throws {
        do {
            let loaded = try Configuration.load(contentsOf: config, environment: ProcessEnvironment.variables)
            for warning in loaded.warnings { Console.error("warning: \(warning)") }
            Console.print("\(config): the configuration is right.")
        } catch {
            for fault in error.errors { Console.error(fault.description) }
            throw ExitCode(1)
        }
    }
}
