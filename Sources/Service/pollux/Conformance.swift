public import ArgumentParser
import AsyncHTTPClient
import Logging
import NIOCore
import NIOPosix
import PolluxConfiguration
public import PolluxConformance
import PolluxHTTPClient
import PolluxServer
import PolluxTransport

/// `pollux conformance`: how faithfully an endpoint speaks Chat Completions in front of Gemini.
///
/// Exit code 1 when a case failed.
struct Conformance: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Try how faithfully an endpoint speaks OpenAI's API in front of Gemini.",
        discussion: """
            With --upstream-port the command stands in for Gemini on 127.0.0.1: set the endpoint up to call it there, and \
            every case is tried. Without it only those are tried that say something with any model behind the endpoint. \
            Without --target this program's own gateway is tried.
            """
    )

    @Option(help: "The endpoint, with or without /v1.")
    var target: String?

    @Option(help: "The key for the endpoint; the variable OPENAI_API_KEY when it is not given.")
    var key: String?

    @Option(help: "What stands before a model's name.")
    var modelPrefix = "google/"

    @Option(help: "Where to stand in for Gemini; 0 lets the system choose, for this program's own gateway.")
    var upstreamPort: Int?

    @Option(help: "How the result is printed: text, json or markdown.")
    var format = ConformanceReport.Format.text

    func run() async throws {
        var settings = HTTPClient.Configuration()
        settings.connectionPool.retryConnectionEstablishment = false
        settings.guardStatuses()
        let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: settings)
        let report: ConformanceReport
        do {
            report = if let target { try await tried(target, client) } else { try await triedItself(client) }
        } catch {
            try await client.shutdown()
            throw Failure("The endpoint could not be tried: \(SystemReason.text(error))")
        }
        try await client.shutdown()
        try Console.answer(report.text(as: format) + "\n")
        if !report.isClean { throw ExitCode(1) }
    }

    private func tried(_ address: String, _ client: HTTPClient) async throws -> ConformanceReport {
        var base = address
        while base.hasSuffix("/") { base.removeLast() }
        guard base.hasPrefix("http://") || base.hasPrefix("https://") else {
            throw Failure("'\(address)' is no address: it must begin with http:// or https://.")
        }
        // An address without a path stands for the usual one.
        if base.split(separator: "/").count == 2 { base += "/v1" }
        let target = ConformanceSuite.Target(
            base: base, key: key ?? ProcessEnvironment.variables["OPENAI_API_KEY"], modelPrefix: modelPrefix
        )
        return try await ConformanceSuite.run(upstreamPort: upstreamPort, client: client) { _ in target }
    }

    private func triedItself(_ client: HTTPClient) async throws -> ConformanceReport {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let logger = Logger(label: "pollux") { StreamLogHandler.standardError(label: $0) }
        let builder = GatewayBuilder(tls: try UpstreamTLS(authorities: nil), logger: logger)
        let prefix = modelPrefix
        let report = try await ConformanceSuite.run(upstreamPort: upstreamPort ?? 0, client: client) { port in
            let configuration = try Self.configuration(upstreamPort: port)
            let server = try await Server.start(try await builder.build(configuration), group: group, tls: nil)
            return ConformanceSuite.Target(base: "http://127.0.0.1:\(server.port)/v1", key: nil, modelPrefix: prefix)
        }
        await builder.shutdown()
        try await group.shutdownGracefully()
        return report
    }

    private static func configuration(upstreamPort port: Int) throws -> Configuration {
        let overrides = [
            ConfigurationOverride(key: "listen.port", text: "0", flag: "conformance"),
            ConfigurationOverride(key: "auth.mode", text: "none", flag: "conformance"),
            ConfigurationOverride(key: "models.discover", text: "true", flag: "conformance"),
            ConfigurationOverride(
                key: "backends",
                text:
                    "[{name: suite, kind: gemini-api, base_url: \"http://127.0.0.1:\(port)\", credentials: {type: api_key, key: \"env:SUITE_KEY\"}}]",
                flag: "conformance"
            ),
        ]
        return try Configuration.load(
            contentsOf: nil, environment: ["SUITE_KEY": "suite"], overrides: overrides
        ).configuration
    }
}

extension ConformanceReport.Format: ExpressibleByArgument {}
