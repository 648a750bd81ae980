import PolluxConfiguration
import PolluxGateway
import PolluxTranslation

/// A gateway that finds routes and settings, and has no credentials: for commands that send nothing.
enum OfflineGateway {
    /// - Parameter upstream: what answers when there is no file.
    static func make(file: String?, upstream: Serve.Upstream) throws -> Gateway {
        // A word in the key's place, so that the configuration is whole; it is never sent.
        let environment = ["GEMINI_API_KEY": "offline"].merging(ProcessEnvironment.variables) { $1 }
        let choice = StartChoice(file: file, upstream: file == nil ? upstream : nil, environment)
        let configuration: Configuration
        do {
            configuration = try Configuration.load(
                contentsOf: file, environment: choice.environment(environment), overrides: choice.overrides
            ).configuration
        } catch {
            throw Failure(error.errors.map(\.description).joined(separator: "\n"))
        }
        guard !configuration.backends.isEmpty else { throw Failure("The configuration names no backend.") }
        let project = environment["GOOGLE_CLOUD_PROJECT"] ?? "PROJECT"
        let location = environment["GOOGLE_CLOUD_LOCATION"] ?? "global"
        let backends = configuration.backends.map { backend in
            Backend(
                backend, base: configuration.upstream.baseURL, project: project, location: location,
                credential: .passthrough, settings: TranslationSettings(configuration, backend: backend)
            )
        }
        return Gateway(configuration, backends: backends, profiles: try ModelProfiles(configuration.models.profiles))
    }
}
