public import PolluxJSON
public import PolluxOpenAIWire

/// Embeddings request → the bodies of Gemini's embedding methods.
///
/// ```swift
/// let translator = try EmbeddingTranslator(request, of: json, to: target, notes: &notes)
/// for call in translator.plan.calls.indices { translator.write(call, of: json, into: &writer) }
/// ```
public struct EmbeddingTranslator: Sendable {
    public let plan: EmbeddingPlan
    private let options: EmbeddingOptions
    private let inputs: [JSONNode]
    private let target: TranslationTarget

    /// - Throws: the 400 that the client gets.
    public init(
        _ request: EmbeddingsRequest, of json: borrowing JSONDocument, to target: TranslationTarget,
        notes: inout NoteTaker
    ) throws(APIError) {
        self.target = target
        inputs = try EmbeddingInputs.read(request, of: json)
        options = try EmbeddingOptions(request, of: json)
        let method = EmbeddingMethod(for: target.model, on: target.service)
        plan = EmbeddingPlan(
            model: request[.model].map { json.string($0) } ?? "", format: try Self.format(request, of: json),
            method: method, inputs: inputs.count, inputsOfCall: method.maximumInputs(of: target.model)
        )
        try Self.noteUser(request, of: json, &notes)
        if options.autoTruncate != nil, method == .batchEmbedContents {
            notes.note(
                .ignored, "extra_body.google.auto_truncate", rule: "EMB-002", "the Developer API does not know it")
        }
    }

    /// `encoding_format`; absent is `float` (EMB-006).
    private static func format(
        _ request: EmbeddingsRequest, of json: borrowing JSONDocument
    ) throws(APIError) -> EmbeddingPlan.Format {
        guard let node = request[.encodingFormat] else { return .float }
        guard json.isString(node) else {
            throw .invalidType("encoding_format", expected: "a string", got: node, of: json)
        }
        let word = json.string(node)
        guard let format = EmbeddingPlan.Format(rawValue: word) else {
            throw .invalidValue(
                "encoding_format", found: word, supported: EmbeddingPlan.Format.allCases.map(\.rawValue))
        }
        return format
    }

    private static func noteUser(
        _ request: EmbeddingsRequest, of json: borrowing JSONDocument, _ notes: inout NoteTaker
    ) throws(APIError) {
        guard let user = request[.user] else { return }
        guard json.isString(user) else { throw .invalidType("user", expected: "a string", got: user, of: json) }
        notes.note(.ignored, "user", rule: "REQ-026")
    }

    // MARK: Writing

    /// Writes the body of one of the plan's calls.
    ///
    /// - Parameter json: the document that the request was read from.
    public func write(_ call: Int, of json: borrowing JSONDocument, into writer: inout JSONWriter) {
        writer.beginObject()
        switch plan.method {
        case .batchEmbedContents: writeBatch(call, of: json, into: &writer)
        case .embedContent: writeContent(call, of: json, into: &writer)
        case .predict: writePrediction(call, of: json, into: &writer)
        }
        writer.endObject()
    }

    /// `{"requests":[{"model":…,"content":…,"outputDimensionality":…,"taskType":…,"title":…}]}` (EMB-003).
    private func writeBatch(_ call: Int, of json: borrowing JSONDocument, into writer: inout JSONWriter) {
        writer.key("requests")
        writer.beginArray()
        for index in plan.calls[call] {
            writer.beginObject()
            writer.member("model", "models/" + target.model)
            writer.content(inputs[index], of: json)
            writer.member("outputDimensionality", options.dimensions)
            writer.member("taskType", options.taskType)
            writer.member("title", options.title)
            writer.endObject()
        }
        writer.endArray()
    }

    /// `{"content":…,"embedContentConfig":{…}}` (EMB-004).
    private func writeContent(_ call: Int, of json: borrowing JSONDocument, into writer: inout JSONWriter) {
        writer.content(inputs[plan.calls[call].lowerBound], of: json)
        if options.dimensions == nil, options.taskType == nil, options.title == nil, options.autoTruncate == nil {
            return
        }
        writer.key("embedContentConfig")
        writer.beginObject()
        writer.member("outputDimensionality", options.dimensions)
        writer.member("taskType", options.taskType)
        writer.member("title", options.title)
        writer.member("autoTruncate", options.autoTruncate)
        writer.endObject()
    }

    /// `{"instances":[{"content":…,"task_type":…,"title":…}],"parameters":{…}}` (EMB-005).
    private func writePrediction(_ call: Int, of json: borrowing JSONDocument, into writer: inout JSONWriter) {
        writer.key("instances")
        writer.beginArray()
        for index in plan.calls[call] {
            writer.beginObject()
            writer.key("content")
            writer.copy(inputs[index], of: json)
            writer.member("task_type", options.taskType)
            writer.member("title", options.title)
            writer.endObject()
        }
        writer.endArray()
        writer.key("parameters")
        writer.beginObject()
        writer.member("outputDimensionality", options.dimensions)
        writer.member("autoTruncate", options.autoTruncate ?? true)
        writer.endObject()
    }
}

extension JSONWriter {
    /// `"content":{"parts":[{"text":…}]}`
    fileprivate mutating func content(_ text: JSONNode, of json: borrowing JSONDocument) {
        key("content")
        raw("{\"parts\":[{\"text\":")
        copy(text, of: json)
        output.append("}]}" as StaticString)
    }
}
