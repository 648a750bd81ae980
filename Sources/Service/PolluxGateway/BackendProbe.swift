internal import PolluxConfiguration
public import PolluxTransport

/// One cheap call by which an operator sees whether a backend answers (`pollux check --live`).
///
///     vertex, vertex-openapi    countTokens of a Gemini model: project, location and permission
///        without a project      Google's list of models: the token alone
///     gemini-tuned              countTokens of the endpoint
///     gemini-api                the list of models: the key
///     vertex-endpoint           an answer of one token: such an endpoint serves nothing else
///     openai                    the list of models
public struct BackendProbe: Sendable, Equatable {
    public var address: UpstreamAddress
    /// Path and query.
    public var target: String
    /// `nil`: a GET.
    public var body: String?

    public var method: String { body == nil ? "GET" : "POST" }
    /// What is called, for people.
    public var url: String { "\(address)\(target)" }
}

extension Backend {
    /// - Parameter model: a Gemini model that is served there.
    public func probe(model: String) -> BackendProbe {
        switch kind {
        case .openAI:
            let path = configuration.baseURL?.path ?? ""
            return BackendProbe(address: address(location: ""), target: path + "/models")
        case .geminiAPI: return BackendProbe(address: address(location: ""), target: "/v1beta/models?pageSize=1")
        case .vertex, .vertexOpenAPI: return probeOfProject(model)
        case .vertexEndpoint, .geminiTuned: return probeOfEndpoint()
        }
    }

    private static let tokenCount = #"{"contents":[{"role":"user","parts":[{"text":"Hi"}]}]}"#
    private static let shortAnswer = #"{"model":"","messages":[{"role":"user","content":"Hi"}],"max_tokens":1}"#

    private func probeOfProject(_ model: String) -> BackendProbe {
        if let project {
            return BackendProbe(
                address: address(location: location),
                target: "/v1/projects/\(project)/locations/\(location)/publishers/google/models/\(model):countTokens",
                body: Self.tokenCount
            )
        }
        if case .apiKey = credential {
            return BackendProbe(
                address: address(location: "global"), target: "/v1/publishers/google/models/\(model):countTokens",
                body: Self.tokenCount
            )
        }
        return BackendProbe(
            address: address(location: location), target: "/v1beta1/publishers/google/models?pageSize=1")
    }

    /// The project is whatever the path names; without one, Google's answer says that it is missing.
    private func probeOfEndpoint() -> BackendProbe {
        let id = configuration.endpoint.endpointID ?? ""
        let path = "/v1/projects/\(project ?? "-")/locations/\(location)/endpoints/\(id)"
        return kind == .geminiTuned
            ? BackendProbe(
                address: address(location: location), target: path + ":countTokens", body: Self.tokenCount)
            : BackendProbe(
                address: address(location: location), target: path + "/chat/completions", body: Self.shortAnswer)
    }
}
