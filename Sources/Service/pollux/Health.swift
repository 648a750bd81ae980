import ArgumentParser
import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import PolluxConfiguration
import PolluxHTTPClient

/// `pollux health`: whether a gateway on this machine is ready, for containers without a client of their own.
///
/// Exit code 1 when it is not.
struct Health: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Ask a running gateway whether it is ready.")

    @Option(
        help: """
            What is asked; /healthz says only whether the process answers. Without it, /readyz at the address and port \
            that the environment names (POLLUX_CONFIG, POLLUX_LISTEN_PORT), else at 127.0.0.1:8080.
            """
    )
    var url: String?

    private static let patience = TimeAmount.seconds(2)
    private static let maximumAnswerBytes = 64 * 1024

    /// Where `pollux serve` listens when it is started in this environment.
    private static var usual: String {
        let environment = ProcessEnvironment.variables
        var choice = StartChoice(file: environment["POLLUX_CONFIG"], upstream: nil, environment)
        choice.emulatorPort = 1  // Nobody asks it.
        let input = ConfigurationInput(
            file: choice.file, environment: choice.environment(environment), overrides: choice.overrides)
        // A configuration that is wrong by now was refused: who runs may be well, most likely at the usual place.
        guard let listen = (try? input.load())?.configuration.listen else { return "http://127.0.0.1:8080/readyz" }
        return listen.base(port: listen.port) + "/readyz"
    }

    func run() async throws {
        var settings = HTTPClient.Configuration()
        settings.connectionPool.retryConnectionEstablishment = false
        settings.guardStatuses()
        let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: settings)
        let url = url ?? Self.usual
        let outcome: (isReady: Bool, text: String)
        do {
            let response = try await client.execute(HTTPClientRequest(url: url), timeout: Self.patience)
            let body = try await response.body.collect(upTo: Self.maximumAnswerBytes)
            outcome = (response.status == .ok, String(buffer: body))
        } catch {
            outcome = (false, "\(url) does not answer: \(SystemReason.text(error))")
        }
        try await client.shutdown()
        Console.print(outcome.text)
        if !outcome.isReady { throw ExitCode(1) }
    }
}
