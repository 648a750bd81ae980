import PolluxJSON

/// One text to embed, and how.
struct EmbeddingInput: Sendable {
    var text: String
    var taskType = ""
    var dimensions: Int?
    var autoTruncate = true

    /// An `EmbedContentRequest`; Vertex AI has its options in a member of their own.
    init(content request: JSONNode, of json: borrowing JSONDocument) throws(GoogleError) {
        text = ""
        if let content = json.value("content", of: request) {
            for part in Content(content, of: json).parts {
                guard case .text(let node) = part.data else { continue }
                text += json.string(node)
            }
        }
        if text.isEmpty { throw .invalid("The text content is empty.") }
        let options = json.value("embedContentConfig", or: "embed_content_config", of: request) ?? request
        taskType = json.word(json.value("taskType", or: "task_type", of: options)) ?? ""
        read(options, json)
    }

    /// An instance of `predict`.
    init(instance: JSONNode, parameters: JSONNode?, of json: borrowing JSONDocument) throws(GoogleError) {
        guard let text = json.text(of: json.value("content", of: instance)) else {
            throw .invalid("Invalid text embedding instance: \"content\" must be a string.")
        }
        if text.isEmpty { throw .invalid("The text content is empty.") }
        self.text = text
        taskType = json.word(json.value("task_type", or: "taskType", of: instance)) ?? ""
        if let parameters { read(parameters, json) }
    }

    private mutating func read(_ options: JSONNode, _ json: borrowing JSONDocument) {
        dimensions = json.wholeNumber(json.value("outputDimensionality", or: "output_dimensionality", of: options))
        if let node = json.value("autoTruncate", or: "auto_truncate", of: options) {
            autoTruncate = json.boolean(node) ?? true
        }
    }
}
