import PolluxJSON

/// The models that the emulator lists.
///
/// Others with a name of Google's families are answered too: the list is for clients that choose from it.
enum ModelCatalogue {
    static let names = [
        "gemini-2.0-flash", "gemini-2.5-pro", "gemini-2.5-flash", "gemini-2.5-flash-lite",
        "gemini-2.5-flash-image", "gemini-2.5-flash-preview-tts", "gemini-3-pro-preview",
        "gemini-3-pro-image-preview", "gemini-3-flash-preview", "gemini-3.1-pro-preview",
        "gemini-3.1-flash-lite",
        "gemini-3.5-flash", "gemini-3.5-flash-lite", "gemini-3.6-flash", "gemini-flash-latest",
        "gemini-embedding-001", "gemini-embedding-2", "text-embedding-005", "text-multilingual-embedding-002",
    ]

    /// Tokens that every listed model takes.
    static let inputTokenLimit = 1_048_576
    /// Tokens that every listed model gives.
    static let outputTokenLimit = 65_536

    /// Whether a model of this name is answered.
    static func serves(_ name: String) -> Bool {
        ["gemini-", "gemma-", "text-embedding-", "text-multilingual-embedding-"].contains { name.hasPrefix($0) }
            && name.utf8.count <= 128
            && name.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"),
                    UInt8(ascii: "-"), UInt8(ascii: "@"):
                    true
                default: false
                }
            }
    }

    /// Whether a model of this name is answered when it is called so.
    static func serves(_ name: String, _ method: ModelCall.Method) -> Bool {
        serves(name) && (method == .countTokens || method.embeds == EmbeddingModel.isOne(name))
    }

    /// - Throws: a 404 in the words of the live service for a model that is not answered when it is called so.
    static func check(_ call: ModelCall) throws(GoogleError) {
        guard !call.isTuned || call.method.embeds, !serves(call.model, call.method) else { return }
        switch call.backend {
        case .vertex:
            throw GoogleError(
                .notFound,
                "Publisher Model `\(call.resource)` was not found or your project does not have access to it. Please "
                    + "ensure you are using a valid model version. For more information, see: "
                    + "https://cloud.google.com/vertex-ai/generative-ai/docs/learn/model-versions"
            )
        case .developer:
            throw GoogleError(
                .notFound,
                "models/\(call.model) is not found for API version \(call.version), or is not supported for "
                    + "\(call.method.rawValue). Call ListModels to see the list of available models and their "
                    + "supported methods."
            )
        }
    }

    /// The list, or the page of it that `pageSize` and `pageToken` ask for.
    static func list(_ backend: Backend, pageSize: Int?, pageToken: String?) -> [UInt8] {
        let start = min(max(Int(pageToken ?? "") ?? 0, 0), names.count)
        let end = min(start + min(max(pageSize ?? 50, 1), names.count), names.count)
        var writer = JSONWriter()
        writer.beginObject()
        switch backend {
        case .vertex: writer.key("publisherModels")
        case .developer: writer.key("models")
        }
        writer.beginArray()
        for name in names[start..<end] { write(name, backend, into: &writer) }
        writer.endArray()
        if end < names.count {
            writer.member("nextPageToken", String(end))
        }
        writer.endObject()
        return writer.output.array()
    }

    /// One entry of the list.
    static func entry(_ name: String, _ backend: Backend) -> [UInt8] {
        var writer = JSONWriter()
        write(name, backend, into: &writer)
        return writer.output.array()
    }

    private static func write(_ name: String, _ backend: Backend, into writer: inout JSONWriter) {
        writer.beginObject()
        writer.key("name")
        switch backend {
        case .vertex:
            writer.string(text: "publishers/google/models/" + name)
            writer.key("versionId")
            writer.string("default")
            writer.member("launchStage", name.contains("preview") ? "PUBLIC_PREVIEW" : "GA")
        case .developer:
            writer.string(text: "models/" + name)
            writer.member("displayName", name)
            writer.key("description")
            writer.string("The Pollux emulator under this model's name.")
            writer.key("inputTokenLimit")
            let isEmbedding = EmbeddingModel.isOne(name)
            writer.integer(isEmbedding ? EmbeddingModel(name).inputTokenLimit : inputTokenLimit)
            writer.member("outputTokenLimit", isEmbedding ? 1 : outputTokenLimit)
            writer.key("supportedGenerationMethods")
            writer.raw(
                isEmbedding
                    ? #"["embedContent","batchEmbedContents","countTokens"]"# : #"["generateContent","countTokens"]"#
            )
            if !isEmbedding, ModelTraits(model: name).thinking != .none {
                writer.member("thinking", true)
            }
        }
        writer.endObject()
    }
}
