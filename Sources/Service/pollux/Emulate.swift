import ArgumentParser
import Logging
import NIOCore
import NIOPosix
import PolluxEmulator
import PolluxHTTPClient
import ServiceLifecycle

/// `pollux emulate`: the emulator alone.
struct Emulate: AsyncParsableCommand {
    /// Ten years.
    private static let maximumTokenLife = 315_360_000

    static let configuration = CommandConfiguration(
        abstract: "Start the Gemini emulator alone.",
        discussion: "It answers as Vertex AI, as the Gemini Developer API, as Google's token services, and as servers "
            + "of Chat Completions. docs/emulator.md tells more."
    )

    @Option(help: "The address to listen on.")
    var host = "127.0.0.1"

    @Option(help: "The port to listen on; 0 lets the system choose.")
    var port = 0

    @Option(help: "Answers are the same for the same seed and request.")
    var seed: UInt64 = 0

    @Option(help: "A script (YAML): what requests get instead of the usual answer.")
    var script: String?

    @Option(help: "The folder of recorded answers that scripts name; the script's own folder when it is absent.")
    var recordings: String?

    @Flag(help: "Streams come as fast as a model's, not as fast as they can be written.")
    var realistic = false

    @Option(help: "Streams come with so many tokens a second.")
    var tokensPerSecond: Int?

    @Option(help: "Milliseconds before a stream's first event.")
    var firstEvent: Int?

    @Flag(help: "Take only access tokens that the emulator gave and that are alive.")
    var checkTokens = false

    @Option(help: "Seconds that access tokens live.")
    var tokenLife = 3600

    @Option(help: "An API key to take; may stand several times. Without it any key is taken.")
    var apiKey: [String] = []

    @Option(help: "A service account's key file whose signatures are verified; may stand several times.")
    var serviceAccount: [String] = []

    @Option(help: "Write credential files that lead to the emulator into this folder.")
    var writeCredentials: String?

    @Option(help: "The project that the metadata server tells.")
    var project = "emulator"

    @Option(help: "Tokens that a context cache must hold at least, instead of what the model says.")
    var minimumCacheTokens: Int?

    func validate() throws {
        guard (0...65535).contains(port) else { throw ValidationError("--port must be at most 65535.") }
        guard (1...Self.maximumTokenLife).contains(tokenLife) else {
            throw ValidationError("--token-life must be one second at least and \(Self.maximumTokenLife) at most.")
        }
    }

    func run() async throws {
        let lifetime = await Lifetime()
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        var configuration = try emulatorConfiguration()
        let credentials = try writeCredentials.map { _ in try CredentialFiles() }
        if let credentials { configuration.serviceAccounts.append(credentials.account) }
        let emulator: Emulator
        do {
            emulator = try await Emulator.start(configuration, group: group)
        } catch {
            throw Failure("Cannot listen on \(host):\(port): \(SystemReason.text(error))")
        }
        if let credentials, let folder = writeCredentials.map(SmallFile.absolute) {
            let base = "http://\(host == "0.0.0.0" ? "127.0.0.1" : host):\(emulator.port)"
            for file in credentials.files(base: base, project: project, folder: folder) {
                try SmallFile.write(file.text, to: folder + "/" + file.name)
            }
        }
        let logger = Logger(label: "pollux") { StreamLogHandler.standardError(label: $0) }
        try await lifetime.run([EmulatorService(emulator: emulator, host: host)], logger: logger) {}
        try await group.shutdownGracefully()
    }

    private func emulatorConfiguration() throws -> EmulatorConfiguration {
        var configuration = EmulatorConfiguration()
        configuration.host = host
        configuration.port = port
        configuration.seed = seed
        if realistic { configuration.pace = .realistic }
        if let tokensPerSecond { configuration.pace.tokensPerSecond = max(tokensPerSecond, 0) }
        if let firstEvent { configuration.pace.firstEventMilliseconds = max(firstEvent, 0) }
        configuration.checksTokens = checkTokens
        configuration.tokenLifeSeconds = tokenLife
        configuration.apiKeys = Set(apiKey)
        configuration.project = project
        configuration.minimumCacheTokens = minimumCacheTokens
        for path in serviceAccount {
            do {
                configuration.serviceAccounts.append(try ServiceAccount(keyFile: try SmallFile.bytes(of: path)))
            } catch {
                throw Failure("\(path): \(error)")
            }
        }
        if let folder = recordings ?? script.map(Self.folder) {
            configuration.recordings = Recordings { try? SmallFile.bytes(of: folder + "/" + $0) }
        }
        if let script {
            let text = String(decoding: try SmallFile.bytes(of: script), as: UTF8.self)
            do {
                configuration.script = try Script(text, recordings: configuration.recordings)
            } catch {
                throw Failure("\(script): \(error)")
            }
        }
        return configuration
    }

    /// The folder that a file lies in.
    private static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }
}

/// Runs until it is told to stop.
struct EmulatorService: Service {
    let emulator: Emulator
    let host: String

    func run() async throws {
        let base = "http://\(host):\(emulator.port)"
        Console.print(
            """
            The Gemini emulator listens on \(base)

            Try it:
              curl -s '\(base)/v1beta/models/gemini-2.5-flash:generateContent?key=any' -d '{"contents":[{"parts":[{"text":"Hello"}]}]}'
              python3 -c 'from google import genai; print(genai.Client(api_key="any", http_options={"base_url": "\(base)"}).models.generate_content(model="gemini-2.5-flash", contents="Hello").text)'
            What came is at \(base)/emulator/requests; docs/emulator.md tells the rest.
            """
        )
        // Ends by the graceful shutdown, or by cancellation, which is the same to us.
        try? await gracefulShutdown()
        try await emulator.stop()
    }
}
