import ArgumentParser
import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import PolluxHTTPClient

/// `pollux health`: whether a gateway on this machine is ready, for containers without a client of their own.
///
/// Exit code 1 when it is not.
struct Health: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Ask a running gateway whether it is ready.")

    @Option(help: "What is asked; /healthz says only whether the process answers.")
    var url = "http://127.0.0.1:8080/readyz"

    private static let patience = TimeAmount.seconds(2)
    private static let maximumAnswerBytes = 64 * 1024

    func run() async throws {
        var settings = HTTPClient.Configuration()
        settings.connectionPool.retryConnectionEstablishment = false
        settings.guardStatuses()
        let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: settings)
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
