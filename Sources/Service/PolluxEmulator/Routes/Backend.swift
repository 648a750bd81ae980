/// Which of Google's two services a request is meant for.
enum Backend: Sendable, Hashable {
    /// Vertex AI: `aiplatform.googleapis.com`.
    case vertex
    /// The Gemini Developer API: `generativelanguage.googleapis.com`.
    case developer

    /// The service's name, as errors give it.
    var service: String {
        switch self {
        case .vertex: "aiplatform.googleapis.com"
        case .developer: "generativelanguage.googleapis.com"
        }
    }

    /// The prefix of protocol type names in error messages.
    func typePrefix(version: String) -> String {
        switch self {
        case .vertex: "type.googleapis.com/google.cloud.aiplatform.\(version)."
        case .developer: "type.googleapis.com/google.ai.generativelanguage.\(version)."
        }
    }
}
