import ArgumentParser
import Logging
import NIOCore
import NIOPosix
import PolluxAdmin
import PolluxCassette
import PolluxConfiguration
import PolluxEmulator
import PolluxGateway
import PolluxHTTPClient
import PolluxObservation
import PolluxServer
import PolluxStore
import ServiceLifecycle

/// `pollux serve`: the gateway.
struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Start the gateway.")

    /// What answers when no configuration says it.
    enum Upstream: String, ExpressibleByArgument, CaseIterable {
        case emulator
        case vertex
        case geminiAPI = "gemini-api"
    }

    @Option(help: "The configuration file (YAML); else POLLUX_CONFIG.")
    var config: String?

    @Option(help: "The port to listen on; 0 lets the system choose.")
    var port: Int?

    @Option(help: "What answers, when no configuration file says it: emulator, vertex or gemini-api.")
    var upstream: Upstream?

    @OptionGroup(title: "Recordings")
    var recordings: RecordingOptions

    func run() async throws {
        let logger = Logger(label: "pollux") { StreamLogHandler.standardError(label: $0) }
        guard let replay = try recordings.openReplay(logger) else { return try await run(logger, recorded: nil) }
        try await replay.serve { port in
            try await run(logger, recorded: RecordedUpstream(replay.calls, port: port))
        }
    }

    /// - Parameter recorded: stands in for every upstream.
    private func run(_ logger: Logger, recorded: RecordedUpstream?) async throws {
        FreedMemory.giveBack()
        let lifetime = await Lifetime()
        let environment = ProcessEnvironment.variables
        var choice = StartChoice(
            file: config ?? environment["POLLUX_CONFIG"], upstream: upstream, recorded: recorded, environment
        )
        let group = MultiThreadedEventLoopGroup(numberOfThreads: ProcessEnvironment.usableProcessors)
        let log = LogWriter()
        var emulator: Emulator?
        let result: Result<Void, any Error>
        do {
            if choice.usesEmulator {
                let started = try await Emulator.start(EmulatorConfiguration(), group: group)
                choice.emulatorPort = started.port
                emulator = started
            }
            try await serve(choice, environment, group, log, logger, lifetime)
            result = .success(())
        } catch {
            result = .failure(error)
        }
        try await emulator?.stop()
        log.close()
        try await group.shutdownGracefully()
        try result.get()
    }

    /// Serves until a signal comes.
    private func serve(
        _ choice: StartChoice, _ environment: [String: String], _ group: MultiThreadedEventLoopGroup, _ log: LogWriter,
        _ logger: Logger, _ lifetime: Lifetime
    ) async throws {
        let input = input(choice, environment)
        let loaded = try load(input)
        for warning in loaded.warnings { logger.warning("\(warning)") }
        let recorder = try recordings.openRecorder(logger)
        let builder = GatewayBuilder(tls: try GatewayBuilder.tls(of: loaded.configuration), logger: logger)
        do {
            let gateway = try await builder.build(loaded.configuration)
            let observation = Observation(loaded.configuration, log: log, logger: logger)
            let listen = loaded.configuration.listen
            let keys = KeyDirectory(loaded.configuration.auth, hasStore: loaded.configuration.store.path != nil)
            let store = StoreService(loaded.configuration, keys: keys, logger: logger)
            let server: Server
            do {
                // Keys that are in the store are known before the first request comes, unless it is away.
                await store?.keeper.turn()
                var observers = observation.observers
                if let store { observers.records.append(store.sink) }
                server = try await Server.start(
                    gateway, keys: keys, group: group, tls: builder.tls,
                    limits: ServerLimits(
                        descriptors: ProcessEnvironment.raiseDescriptorLimit(),
                        requests: loaded.configuration.limits.maxConcurrentRequests),
                    storeState: store?.state,
                    observers: observers, recorder: recorder
                )
            } catch {
                throw Failure("Cannot listen on \(listen.address):\(listen.port): \(SystemReason.text(error))")
            }
            let service = ServerService(server: server) {
                choice.announce(at: listen.url(port: server.port), gateway)
                ProgramCode.release()
            }
            let reloader = Reloader(input, files: loaded.files, builder: builder, server: server, logger: logger)
            let admin = observation.services(
                server, loaded.configuration, store: store?.keeper, log: log, logger: logger)
            // Ended in the reverse order: the store hears of requests until the server has none.
            let services = (store.map { [$0 as any Service] } ?? []) + admin + [reloader, service]
            try await lifetime.run(services, logger: logger) { reloader.request() }
        } catch {
            await builder.shutdown()
            throw error
        }
        recorder?.close()
        await builder.shutdown()
    }

    private func input(_ choice: StartChoice, _ environment: [String: String]) -> ConfigurationInput {
        var overrides = choice.overrides
        if let port { overrides.append(ConfigurationOverride(key: "listen.port", text: "\(port)", flag: "--port")) }
        return ConfigurationInput(
            file: choice.file, environment: choice.environment(environment), overrides: overrides,
            recordedPort: choice.recordedPort
        )
    }

    private func load(_ input: ConfigurationInput) throws -> LoadedConfiguration {
        do {
            return try input.load()
        } catch {
            throw Failure(error.description)
        }
    }
}

/// Runs until it is told to stop, then drains.
struct ServerService: Service {
    let server: Server
    /// Called when signals are caught, so that who was told may send one.
    let announce: @Sendable () -> Void

    func run() async throws {
        announce()
        // Ends by the graceful shutdown, or by cancellation, which is the same to us.
        try? await gracefulShutdown()
        await server.shutdown()
    }
}

/// An error that the user reads as it stands.
struct Failure: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
