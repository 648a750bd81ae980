import PolluxJSON

/// Answers the embedding methods.
struct EmbeddingResponder {
    let call: ModelCall
    let seed: UInt64
    private let model: EmbeddingModel

    init(_ call: ModelCall, seed: UInt64) {
        self.call = call
        self.seed = seed
        model = EmbeddingModel(call.model)
    }

    /// - Throws: a 400 for what the service refuses.
    func body(_ json: borrowing JSONDocument) throws(GoogleError) -> [UInt8] {
        if call.backend == .vertex, !model.vertexMethods.contains(call.method) {
            throw .invalid("Model \(call.model) does not support \(call.method.rawValue).")
        }
        var writer = JSONWriter()
        writer.beginObject()
        switch call.method {
        case .batchEmbedContents: try writeBatch(json, into: &writer)
        case .predict: try writePredictions(json, into: &writer)
        default: try writeOne(json, into: &writer)
        }
        writer.endObject()
        return writer.output.array()
    }

    private func embedding(_ input: EmbeddingInput) throws(GoogleError) -> Embedding {
        try Embedding(input, model, name: call.model, seed: seed)
    }

    private func writeOne(_ json: borrowing JSONDocument, into writer: inout JSONWriter) throws(GoogleError) {
        let embedding = try embedding(try EmbeddingInput(content: .root, of: json))
        writer.key("embedding")
        writer.beginObject()
        writer.values(embedding)
        writer.endObject()
        guard call.backend == .vertex else { return }
        writer.key("usageMetadata")
        writer.beginObject()
        writer.member("promptTokenCount", embedding.tokens)
        writer.member("totalTokenCount", embedding.tokens)
        writer.endObject()
        if embedding.isTruncated {
            writer.member("truncated", true)
        }
    }

    private func writeBatch(_ json: borrowing JSONDocument, into writer: inout JSONWriter) throws(GoogleError) {
        let requests = json.each(json.value("requests", of: .root))
        if requests.isEmpty { throw .invalid("* BatchEmbedContentsRequest.requests: must not be empty.\n") }
        if requests.count > EmbeddingModel.maximumBatch {
            throw .invalid(
                "* BatchEmbedContentsRequest.requests: at most \(EmbeddingModel.maximumBatch) requests can be in "
                    + "one batch\n")
        }
        writer.key("embeddings")
        writer.beginArray()
        for (index, request) in requests.enumerated() {
            // Vertex AI has the model in the path alone.
            let named = json.text(of: json.value("model", of: request))
            guard call.backend == .vertex || named == "models/\(call.model)" else {
                throw .invalid(
                    "* BatchEmbedContentsRequest.requests[\(index)].model: must be the model of the batch.\n")
            }
            let embedding = try embedding(try EmbeddingInput(content: request, of: json))
            writer.beginObject()
            writer.values(embedding)
            writer.endObject()
        }
        writer.endArray()
    }

    private func writePredictions(_ json: borrowing JSONDocument, into writer: inout JSONWriter) throws(GoogleError) {
        let instances = json.each(json.value("instances", of: .root))
        if instances.isEmpty { throw .invalid("Empty instances.") }
        if instances.count > model.maximumInstances {
            throw .invalid(
                "\(model.maximumInstances) instance(s) is allowed per prediction. Actual: \(instances.count)")
        }
        writer.key("predictions")
        writer.beginArray()
        for instance in instances {
            let parameters = json.value("parameters", of: .root)
            let input = try EmbeddingInput(instance: instance, parameters: parameters, of: json)
            let embedding = try embedding(input)
            writer.beginObject()
            writer.key("embeddings")
            writer.beginObject()
            writer.values(embedding)
            writer.key("statistics")
            writer.beginObject()
            writer.member("truncated", embedding.isTruncated)
            writer.member("token_count", embedding.tokens)
            writer.endObject()
            writer.endObject()
            writer.endObject()
        }
        writer.endArray()
    }
}

extension JSONWriter {
    fileprivate mutating func values(_ embedding: Embedding) {
        key("values")
        beginArray()
        for value in embedding.values {
            separate()
            output.append(String(describing: value))
        }
        endArray()
    }
}
