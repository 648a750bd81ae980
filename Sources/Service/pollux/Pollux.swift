import ArgumentParser

/// The program.
@main
struct Pollux: AsyncParsableCommand {
    static let version = "0.1.0"

    static let configuration = CommandConfiguration(
        commandName: "pollux",
        abstract: "OpenAI in, Gemini out: a gateway for the Chat Completions API.",
        version: version,
        subcommands: [
            Serve.self, Emulate.self, Check.self, Explain.self, Keys.self, Usage.self, Conformance.self, Health.self,
        ],
        defaultSubcommand: Serve.self
    )

    static func main() async {
        ProcessEnvironment.occupyStandardDescriptors()
        await main(nil)
    }
}
