/// A call of one method of one model.
struct ModelCall: Sendable, Equatable {
    enum Method: String, Sendable {
        case generateContent
        case streamGenerateContent
        case countTokens
        /// Both services; on Vertex AI for Gemini models only.
        case embedContent
        case batchEmbedContents
        /// Vertex AI, for older embedding models.
        case predict

        var embeds: Bool { self == .embedContent || self == .batchEmbedContents || self == .predict }

        func exists(on backend: Backend) -> Bool {
            switch self {
            case .predict: backend == .vertex
            default: true
            }
        }

        /// The name of the request's message in the ``FieldTable``.
        var message: String {
            switch self {
            case .generateContent, .streamGenerateContent: "GenerateContentRequest"
            case .countTokens: "CountTokensRequest"
            case .embedContent: "EmbedContentRequest"
            case .batchEmbedContents: "BatchEmbedContentsRequest"
            case .predict: "PredictRequest"
            }
        }
    }

    var backend: Backend
    /// `v1`, `v1beta1`, …
    var version: String
    var method: Method
    /// The bare model id; of a tuned model, the endpoint's id.
    var model: String
    /// Whether the model is a tuned one, whose id says nothing about what it can do.
    var isTuned: Bool
    /// The model's full name, as Vertex AI's errors give it.
    var resource: String
    /// Vertex AI's project and location; empty where the path names none.
    var project = ""
    var location = ""

    init?(version: String, path: ArraySlice<String>) {
        guard let last = path.last, let colon = last.lastIndex(of: ":"),
            let method = Method(rawValue: String(last[last.index(after: colon)...]))
        else { return nil }
        let model = String(last[..<colon])
        guard !model.isEmpty else { return nil }
        let folders = Array(path.dropLast())
        switch folders.count {
        case 1 where folders[0] == "models" || folders[0] == "tunedModels":
            backend = .developer
            isTuned = folders[0] == "tunedModels"
        case 3 where folders == ["publishers", "google", "models"]:
            backend = .vertex
            isTuned = false
        case 5 where folders[0] == "projects" && folders[2] == "locations" && folders[4] == "endpoints":
            backend = .vertex
            isTuned = true
        case 7
        where folders[0] == "projects" && folders[2] == "locations"
            && folders[4...] == ["publishers", "google", "models"]:
            backend = .vertex
            isTuned = false
        default:
            return nil
        }
        guard method.exists(on: backend) else { return nil }
        self.version = version
        self.method = method
        self.model = model
        resource = (folders + [model]).joined(separator: "/")
        guard folders.first == "projects" else { return }
        project = folders[1]
        location = folders[3]
    }
}
