extension Configuration.Backend.Kind {
    /// What OpenTelemetry's semantic conventions call the service (`gen_ai.provider.name`).
    public var genAIProvider: String {
        switch self {
        case .geminiAPI: "gcp.gemini"
        case .vertex, .geminiTuned, .vertexEndpoint, .vertexOpenAPI: "gcp.vertex_ai"
        case .openAI: "openai_compatible"
        }
    }
}
