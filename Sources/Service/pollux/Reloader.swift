import Logging
import PolluxConfiguration
import PolluxGateway
import PolluxServer
import ServiceLifecycle

/// Serves a new configuration without a restart: on SIGHUP, and when a file that it was read from has changed.
///
/// A new configuration is served as a whole or not at all: what is wrong with it goes to the log, and the old one stays.
struct Reloader: Service {
    /// Why the configuration is looked at.
    private enum Occasion {
        case signal
        case time
    }

    /// How often files are looked at. A changed one is read when it has stayed the same for so long: whoever writes it
    /// may not be ready.
    private static let interval = Duration.seconds(1)

    private let input: ConfigurationInput
    private let builder: GatewayBuilder
    private let server: Server
    private let logger: Logger
    private let files: FileStamps
    private let occasions: AsyncStream<Occasion>
    private let occasion: AsyncStream<Occasion>.Continuation

    /// - Parameter files: those that the served configuration was read from.
    init(_ input: ConfigurationInput, files: FileStamps, builder: GatewayBuilder, server: Server, logger: Logger) {
        self.input = input
        self.files = files
        self.builder = builder
        self.server = server
        self.logger = logger
        (occasions, occasion) = AsyncStream.makeStream()
    }

    /// Asks for a reload; returns at once.
    func request() { occasion.yield(.signal) }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            await withTaskGroup { tasks in
                tasks.addTask {
                    // Cancelled by the shutdown.
                    while (try? await Task.sleep(for: Self.interval)) != nil { occasion.yield(.time) }
                }
                await reload()
                tasks.cancelAll()
            }
        }
    }

    private func reload() async {
        var read = files
        var changed: FileStamps?
        for await occasion in occasions {
            if occasion == .time {
                let now = read.now
                let hasSettled = now == changed
                changed = now == read ? nil : now
                guard server.gateway.configuration.reload.watch, changed != nil, hasSettled else { continue }
            }
            changed = nil
            read = await load()
        }
    }

    /// - Returns: the files as they were read.
    private func load() async -> FileStamps {
        let loaded: LoadedConfiguration
        do {
            loaded = try input.load()
        } catch {
            refuse(error.errors.map(\.description))
            return error.files
        }
        for warning in loaded.warnings { logger.warning("\(warning)") }
        let served = server.gateway
        let configuration = withFixedKeys(of: served.configuration, loaded.configuration)
        guard configuration != served.configuration else {
            server.reloads.confirm()
            logger.info("The configuration is the one that is served already.")
            return loaded.files
        }
        // What is wrong may be a file of credentials, which may be mended, or not be there yet.
        let filesToMend = loaded.files.with(configuration.backends.compactMap(\.credentials?.source.path))
        do {
            await server.replace(with: try await builder.build(configuration, succeeding: served))
            logger.info(
                "A new configuration is served.", metadata: ["generation": "\(server.reloads.status.generation)"])
        } catch is CancellationError {
            return loaded.files
        } catch {
            refuse(["\(error)"])
            return filesToMend
        }
        return loaded.files
    }

    private func refuse(_ errors: [String]) {
        for error in errors { logger.error("\(error)") }
        logger.error("The new configuration is refused; the old one stays.")
        server.reloads.refuse()
    }

    /// What only a restart can change stays as it is, and is named.
    private func withFixedKeys(of served: Configuration, _ new: Configuration) -> Configuration {
        var new = new
        if new.listen != served.listen {
            logger.warning("listen: a listener does not move while the process runs; restart it")
            new.listen = served.listen
        }
        if new.admin.listener != served.admin.listener {
            logger.warning("admin: a listener does not move while the process runs; restart it")
            new.admin.listener = served.admin.listener
        }
        if new.admin.recentRequests != served.admin.recentRequests {
            logger.warning("admin.recent_requests: the memory is made when the process starts; restart it")
            new.admin.recentRequests = served.admin.recentRequests
        }
        if new.upstream.caFile != served.upstream.caFile {
            logger.warning("upstream.ca_file: it is read when the process starts; restart it")
            new.upstream.caFile = served.upstream.caFile
        }
        if new.store != served.store {
            logger.warning("store: it is opened when the process starts; restart it")
            new.store = served.store
        }
        if new.log != served.log || new.tracing != served.tracing {
            logger.warning("log, tracing: who hears of requests does not change while the process runs; restart it")
            new.log = served.log
            new.tracing = served.tracing
        }
        return new
    }
}
