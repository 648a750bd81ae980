/// What an embedding model accepts and gives.
///
/// - Source: Google's model pages.
struct EmbeddingModel: Sendable {
    /// Length of its vectors, and the longest that may be asked for.
    var dimensions: Int
    /// Tokens of one input that are read.
    var inputTokenLimit: Int
    /// The methods by which Vertex AI embeds with it.
    var vertexMethods: Set<ModelCall.Method>
    /// Inputs of one `predict` call.
    var maximumInstances: Int

    /// Whether this is the name of such a model.
    static func isOne(_ name: String) -> Bool { name.contains("embedding") }

    init(_ name: String) {
        let isGemini = name.hasPrefix("gemini-")
        dimensions = isGemini ? 3072 : 768
        inputTokenLimit = isGemini && name != Self.firstGemini ? 8192 : 2048
        vertexMethods = isGemini ? [.embedContent, .batchEmbedContents] : [.predict]
        if name == Self.firstGemini { vertexMethods.insert(.predict) }
        maximumInstances = isGemini ? 1 : 250
    }

    private static let firstGemini = "gemini-embedding-001"
    /// Contents of one `batchEmbedContents` call.
    static let maximumBatch = 100
}
