import ArgumentParser
import Logging
import NIOCore
import NIOPosix
import PolluxConfiguration
import PolluxEmulator

/// `pollux check`: is this configuration right, and with `--live`: does what it names answer?
///
/// Exit code 0 when it is, 1 with one line for each error: `FILE:LINE:COLUMN: key: message`; with `--live`, 1 when a
/// backend is not ready.
struct Check: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Check a configuration file, and with --live its credentials and upstreams.",
        discussion: """
            With --live each backend's credential is looked for and used: a token is obtained and the upstream called \
            once, as cheaply as it can be. Without --config it checks what `pollux serve` would find.
            """
    )

    @Option(help: "The configuration file (YAML); else POLLUX_CONFIG.")
    var config: String?

    @Flag(help: "Find the credentials, obtain tokens, and call every upstream once.")
    var live = false

    @Option(help: "With --live: what answers, when no configuration file says it: emulator, vertex or gemini-api.")
    var upstream: Serve.Upstream?

    func validate() throws {
        let environment = ProcessEnvironment.variables
        if config ?? environment["POLLUX_CONFIG"] ?? environment["POLLUX_BACKENDS"] == nil, !live {
            throw ValidationError("Name a file with --config, or use --live.")
        }
        if upstream != nil, !live { throw ValidationError("--upstream belongs to --live.") }
    }

    func run() async throws {
        let environment = ProcessEnvironment.variables
        let file = config ?? environment["POLLUX_CONFIG"]
        guard live else {
            _ = try load(StartChoice(file: file, upstream: nil, environment), environment)
            return Console.print("\(file ?? "The environment"): the configuration is right.")
        }
        var choice = StartChoice(file: file, upstream: upstream, environment)
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        var emulator: Emulator?
        if choice.usesEmulator {
            Console.print("No Google credentials were found, so `pollux serve` would start the built-in emulator.\n")
            let started = try await Emulator.start(EmulatorConfiguration(), group: group)
            choice.emulatorPort = started.port
            emulator = started
        }
        let result: Result<Bool, any Error>
        do {
            result = .success(try await isReady(try load(choice, environment), on: group.any()))
        } catch {
            result = .failure(error)
        }
        try await emulator?.stop()
        try await group.shutdownGracefully()
        guard try result.get() else { throw ExitCode(1) }
    }

    private func isReady(_ configuration: Configuration, on loop: any EventLoop) async throws -> Bool {
        let logger = Logger(label: "pollux") { label in
            var handler = StreamLogHandler.standardError(label: label)
            handler.logLevel = .warning
            return handler
        }
        let builder = GatewayBuilder(tls: try GatewayBuilder.tls(of: configuration), logger: logger)
        let check = LiveCheck(configuration: configuration, builder: builder, loop: loop, print: Console.print)
        let ready = await check.run()
        await builder.shutdown()
        return ready == configuration.backends.count
    }

    /// The configuration, with every error and warning told.
    private func load(_ choice: StartChoice, _ environment: [String: String]) throws -> Configuration {
        let loaded: LoadedConfiguration
        do {
            loaded = try Configuration.load(
                contentsOf: choice.file, environment: choice.environment(environment), overrides: choice.overrides)
        } catch {
            for fault in error.errors { Console.error(fault.description) }
            throw ExitCode(1)
        }
        for warning in loaded.warnings { Console.error("warning: \(warning)") }
        do {
            _ = try GatewayBuilder.tls(of: loaded.configuration)
        } catch {
            Console.error("\(error)")
            throw ExitCode(1)
        }
        return loaded.configuration
    }
}
