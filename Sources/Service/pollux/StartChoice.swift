import PolluxConfiguration
import PolluxGateway

/// What `pollux serve` starts with: a file, or what it finds.
///
///     --replay without a file  what was recorded
///     --upstream               what it says
///     a file, POLLUX_BACKENDS  what they say
///     GEMINI_API_KEY           the Gemini Developer API
///     Google credentials       Vertex AI
///     nothing of these         the built-in emulator
struct StartChoice {
    let file: String?
    private let found: Serve.Upstream?
    private let recorded: RecordedUpstream?
    private let setsAuthMode: Bool
    private let setsDiscovery: Bool
    /// Where recordings answer in every upstream's place.
    let recordedPort: Int?
    var emulatorPort = 0

    init(
        file: String?, upstream: Serve.Upstream?, recorded: RecordedUpstream? = nil, _ environment: [String: String]
    ) {
        self.file = file
        recordedPort = recorded?.port
        self.recorded = file == nil && upstream == nil ? recorded : nil
        setsAuthMode = environment["POLLUX_AUTH_MODE"] == nil && file == nil
        setsDiscovery = environment["POLLUX_MODELS_DISCOVER"] == nil && file == nil
        if self.recorded != nil {
            found = nil
        } else if let upstream {
            found = upstream
        } else if file != nil || environment["POLLUX_BACKENDS"] != nil {
            found = nil
        } else if environment["GOOGLE_API_KEY"] ?? environment["GEMINI_API_KEY"] != nil {
            found = .geminiAPI
        } else {
            found = Self.hasGoogleCredentials(environment) ? .vertex : .emulator
        }
    }

    var usesEmulator: Bool { found == .emulator }

    /// A credentials file of Google's in one of its usual places. The metadata server is not asked: waiting
    /// for it would make every start slow; `--upstream vertex` does.
    private static func hasGoogleCredentials(_ environment: [String: String]) -> Bool {
        if environment["GOOGLE_APPLICATION_CREDENTIALS"] != nil { return true }
        let folder = environment["CLOUDSDK_CONFIG"] ?? environment["HOME"].map { "\($0)/.config/gcloud" }
        return folder.map { ProcessEnvironment.isReadable("\($0)/application_default_credentials.json") } ?? false
    }

    /// The configuration that the choice stands for.
    var overrides: [ConfigurationOverride] {
        guard found != nil || recorded != nil else { return [] }
        let backend =
            switch found {
            case nil: recorded?.backend ?? ""
            case .emulator:
                "{name: emulator, kind: vertex, project: emulator, location: global, base_url: \"http://127.0.0.1:\(emulatorPort)\", credentials: {type: api_key, key: \"env:EMULATOR_KEY\"}}"
            case .vertex: "{name: vertex, kind: vertex, credentials: {type: adc}}"
            case .geminiAPI: "{name: gemini, kind: gemini-api}"
            }
        var overrides = [ConfigurationOverride(key: "backends", text: "[\(backend)]", flag: "--upstream")]
        if setsAuthMode { overrides.append(ConfigurationOverride(key: "auth.mode", text: "none", flag: "--upstream")) }
        if setsDiscovery, recorded == nil {
            // Whoever writes no file has written no list either.
            overrides.append(ConfigurationOverride(key: "models.discover", text: "true", flag: "--upstream"))
        }
        return overrides
    }

    func environment(_ variables: [String: String]) -> [String: String] {
        usesEmulator || recorded != nil ? variables.merging(["EMULATOR_KEY": "built-in-emulator"]) { $1 } : variables
    }

    /// Says what was started, and how to try it.
    func announce(at base: String, _ gateway: Gateway) {
        Console.print("Pollux \(Pollux.version) listens on \(base)")
        switch found {
        case .emulator:
            Console.print(
                """
                No Google credentials were found, so the built-in Gemini emulator answers (on 127.0.0.1:\(emulatorPort)).
                It is no model: it tells what it was asked. Set GEMINI_API_KEY, Google's application default
                credentials, or --config FILE to talk to Gemini.
                """
            )
        case .vertex: Console.print("Answers come from Vertex AI, with Google's application default credentials.")
        case .geminiAPI: Console.print("Answers come from the Gemini Developer API, with the key of the environment.")
        case nil: Console.print("Backends: \(gateway.backends.map(\.name).joined(separator: ", "))")
        }
        if recordedPort != nil { Console.print("All answers come from recordings; nothing is sent to an upstream.") }
        guard gateway.authentication.mode == .none else { return }
        Console.print(
            """

            Try it:
              curl -s \(base)/v1/chat/completions -H 'content-type: application/json' -d '{"model":"google/gemini-2.5-flash","messages":[{"role":"user","content":"Hello"}]}'
              python3 -c 'from openai import OpenAI; print(OpenAI(base_url="\(base)/v1", api_key="any").chat.completions.create(model="google/gemini-2.5-flash", messages=[{"role": "user", "content": "Hello"}]).choices[0].message.content)'
            """
        )
    }
}
