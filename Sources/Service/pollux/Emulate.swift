import ArgumentParser
import Logging
import NIOCore
import NIOPosix
import PolluxEmulator
import ServiceLifecycle

/// `pollux emulate`: the emulator alone.
struct Emulate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Start the Gemini emulator alone.")

    @Option(help: "The port to listen on; 0 lets the system choose.")
    var port = 0

    @Option(help: "Answers are the same for the same seed and request.")
    var seed: UInt64 = 0

    func run() async throws {
        let lifetime = await Lifetime()
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        var configuration = EmulatorConfiguration()
        configuration.port = port
        configuration.seed = seed
        let emulator: Emulator
        do {
            emulator = try await Emulator.start(configuration, group: group)
        } catch {
            throw Failure("Cannot listen on \(configuration.host):\(port): \(error)")
        }
        let logger = Logger(label: "pollux") { StreamLogHandler.standardError(label: $0) }
        try await lifetime.run([EmulatorService(emulator: emulator, host: configuration.host)], logger: logger) {}
        try await group.shutdownGracefully()
    }
}

/// Runs until it is told to stop.
struct EmulatorService: Service {
    let emulator: Emulator
    let host: String

    func run() async throws {
        Console.print("The Gemini emulator listens on http://\(host):\(emulator.port)")
        // Ends by the graceful shutdown, or by cancellation, which is the same to us.
        try? await gracefulShutdown()
        try await emulator.stop()
    }
}
