/// What must be known of an embeddings request when its answers come.
public struct EmbeddingPlan: Sendable, Equatable {
    /// `encoding_format` (EMB-006).
    public enum Format: String, Sendable, CaseIterable {
        case float
        case base64
    }

    /// The request's `model`, as it was sent (MOD-004).
    public var model: String
    public var format: Format
    public var method: EmbeddingMethod
    /// The inputs of each upstream call, in the order of the request.
    public var calls: [Range<Int>]

    init(model: String, format: Format, method: EmbeddingMethod, inputs: Int, inputsOfCall: Int) {
        self.model = model
        self.format = format
        self.method = method
        calls = stride(from: 0, to: inputs, by: inputsOfCall).map { $0..<min($0 + inputsOfCall, inputs) }
    }

    /// How many embeddings the client awaits.
    public var inputs: Int { calls.last?.upperBound ?? 0 }
}
