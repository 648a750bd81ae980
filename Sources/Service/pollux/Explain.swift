import ArgumentParser
import PolluxConfiguration
import PolluxGateway
import PolluxJSON
import PolluxOpenAIWire
import PolluxTranslation

/// `pollux explain < request.json`: what would be sent, and what became of every field.
///
/// Nothing is sent and no credential is asked for. Exit code 1 when the gateway would answer with an error, which
/// is printed in its place.
struct Explain: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show how a request, an answer or a stream is translated.",
        discussion: """
            Reads a Chat Completions request from standard input, or with --response or --stream what Gemini answered.
            """
    )

    @Flag(help: "Standard input is an answer of generateContent.")
    var response = false

    @Flag(help: "Standard input is a stream of streamGenerateContent, as events or as one array.")
    var stream = false

    @Flag(help: "Print JSON, for machines.")
    var json = false

    @Option(help: "The request that the answer or stream belongs to: its tools and options decide the translation.")
    var request: String?

    @Option(help: "The configuration file (YAML), for its backends, models and settings.")
    var config: String?

    @Option(help: "What answers, when no configuration file says it: vertex or gemini-api.")
    var upstream = Serve.Upstream.geminiAPI

    @Option(help: "The path that the client calls.")
    var path = "/v1/chat/completions"

    func validate() throws {
        if response, stream { throw ValidationError("--response and --stream exclude each other.") }
        if request != nil, !response, !stream { throw ValidationError("--request belongs to --response or --stream.") }
        if upstream == .emulator { throw ValidationError("--upstream is vertex or gemini-api here.") }
    }

    func run() throws {
        let explainer = Explainer(gateway: try OfflineGateway.make(file: config, upstream: upstream), path: path)
        let input = try Self.standardInput()
        let result: Explainer.Result
        if response || stream {
            let own = try request.map(SmallFile.bytes)
            result = explainer.explain(answer: input, isStream: stream, to: own)
        } else {
            result = explainer.explain(request: input)
        }
        try Console.answer((json ? result.document : result.text) + "\n")
        if result.isError { throw ExitCode(1) }
    }

    /// Longest input, as long as the longest body that the gateway takes by default.
    private static let maximumBytes = 64 << 20

    private static func standardInput() throws -> [UInt8] {
        guard let bytes = ProcessEnvironment.standardInput(limit: maximumBytes) else {
            throw Failure("Standard input is longer than \(maximumBytes) bytes.")
        }
        return bytes
    }
}
