/// By which of its methods a service embeds with a model.
public enum EmbeddingMethod: String, Sendable, CaseIterable {
    /// The Developer API: several contents at once (EMB-003).
    case batchEmbedContents
    /// Vertex AI, newer models: one content (EMB-004).
    case embedContent
    /// Vertex AI, older models: instances (EMB-005).
    case predict

    /// The method for a model.
    ///
    ///     Developer API   every model                    batchEmbedContents
    ///     Vertex AI       gemini-embedding-001           predict
    ///                     other ids with "gemini"        embedContent
    ///                     ids that end in "-maas"        embedContent
    ///                     every other                    predict
    ///
    /// - Source: Google Gen AI SDK.
    public init(for model: String, on service: TranslationTarget.Service) {
        let isNew = model.contains("gemini") && model != Self.firstGemini || model.hasSuffix("-maas")
        self =
            switch service {
            case .developer: .batchEmbedContents
            case .vertex: isNew ? .embedContent : .predict
            }
    }

    private static let firstGemini = "gemini-embedding-001"

    /// How many inputs one call takes.
    ///
    /// - Source: EMB-004, EMB-005; the Developer API answers 400 "at most 100 requests can be in one batch".
    func maximumInputs(of model: String) -> Int {
        switch self {
        case .batchEmbedContents: 100
        case .embedContent: 1
        case .predict: model == Self.firstGemini ? 1 : 250
        }
    }
}
