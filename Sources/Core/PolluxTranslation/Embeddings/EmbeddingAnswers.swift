public import PolluxJSON

/// The answers of a request's calls → one list of embeddings.
///
///     batchEmbedContents   {"embeddings":[{"values":[…]}]}
///     embedContent         {"embedding":{"values":[…]},"usageMetadata":{"promptTokenCount":…}}
///     predict              {"predictions":[{"embeddings":{"values":[…],"statistics":{"token_count":…}}}]}
///
/// Answers may come in any order, and one may come twice: the last one counts.
public struct EmbeddingAnswers: Sendable {
    public let plan: EmbeddingPlan
    /// Each embedding as the client reads it: a JSON array, or a JSON string.
    private var embeddings: [[UInt8]]
    /// Tokens of each call.
    private var tokens: [Int]
    /// Bytes of all embeddings so far.
    public private(set) var bytes = 0

    public init(_ plan: EmbeddingPlan) {
        self.plan = plan
        embeddings = Array(repeating: [], count: plan.inputs)
        tokens = Array(repeating: 0, count: plan.calls.count)
    }

    /// What the upstream counted in all calls; 0 when it does not say (EMB-007).
    public var promptTokens: Int { tokens.reduce(0, +) }

    /// Takes the answer of one call.
    ///
    /// - Returns: whether it was one: as many vectors of numbers as the call had inputs.
    public mutating func add(_ json: borrowing JSONDocument, call: Int) -> Bool {
        let inputs = plan.calls[call]
        var next = inputs.lowerBound
        var counted = 0
        switch plan.method {
        case .batchEmbedContents:
            var elements = json.elements(json.value("embeddings", of: .root) ?? .root)
            while let element = elements.next(in: json) {
                guard next < inputs.upperBound, keep(element, at: next, of: json) else { return false }
                next += 1
            }
            counted = Self.count(json.value("usageMetadata", of: .root), of: json)
        case .embedContent:
            guard let embedding = json.value("embedding", of: .root), keep(embedding, at: next, of: json) else {
                return false
            }
            next += 1
            counted = Self.count(json.value("usageMetadata", of: .root), of: json)
        case .predict:
            var elements = json.elements(json.value("predictions", of: .root) ?? .root)
            while let element = elements.next(in: json) {
                guard next < inputs.upperBound, let embedding = json.value("embeddings", of: element),
                    keep(embedding, at: next, of: json)
                else { return false }
                next += 1
                let statistics = json.value("statistics", of: embedding)
                counted += Self.number(statistics.flatMap { json.value("token_count", of: $0) }, of: json)
            }
        }
        tokens[call] = counted
        return next == inputs.upperBound
    }

    private static func count(_ usage: JSONNode?, of json: borrowing JSONDocument) -> Int {
        guard let usage else { return 0 }
        return number(json.value("promptTokenCount", of: usage), of: json)
    }

    /// A count within what can be true, so that their sum is a number too.
    private static func number(_ node: JSONNode?, of json: borrowing JSONDocument) -> Int {
        guard let node, let count = json.integer(node) else { return 0 }
        return min(max(count, 0), Int(Int32.max))
    }

    // MARK: Vectors

    private mutating func keep(_ embedding: JSONNode, at index: Int, of json: borrowing JSONDocument) -> Bool {
        guard let values = json.value("values", of: embedding), json.isArray(values), !json.isEmpty(values) else {
            return false
        }
        let written: [UInt8]?
        switch plan.format {
        case .float: written = Self.floats(values, of: json)
        case .base64: written = Self.base64(values, of: json)
        }
        guard let written else { return false }
        bytes += written.count - embeddings[index].count
        embeddings[index] = written
        return true
    }

    /// The numbers with the digits that they came with.
    private static func floats(_ values: JSONNode, of json: borrowing JSONDocument) -> [UInt8]? {
        var elements = json.elements(values)
        while let element = elements.next(in: json) {
            guard json.isNumber(element) else { return nil }
        }
        var writer = JSONWriter(minimumCapacity: json.length(values))
        writer.copy(values, of: json)
        return writer.output.array()
    }

    /// Four bytes for each number, IEEE 754, the lowest first; as base64 in quotes (EMB-006).
    private static func base64(_ values: JSONNode, of json: borrowing JSONDocument) -> [UInt8]? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(4 * json.count(values))
        var elements = json.elements(values)
        while let element = elements.next(in: json) {
            guard json.isNumber(element), let value = Float(json.string(element)), value.isFinite else { return nil }
            let bits = value.bitPattern
            for shift in stride(from: 0, to: 32, by: 8) { bytes.append(UInt8(truncatingIfNeeded: bits >> shift)) }
        }
        let quote = [UInt8(ascii: "\"")]
        return quote + Base64.encode(bytes.span) + quote
    }

    // MARK: Writing

    /// Writes the client's answer (EMB-007), its members in the order of the alphabet (GEN-004).
    public func write(into writer: inout JSONWriter) {
        writer.raw("{\"data\":[")
        for (index, embedding) in embeddings.enumerated() {
            writer.raw("{\"embedding\":")
            writer.output.append(embedding)
            writer.output.append(",\"index\":" as StaticString)
            writer.output.append(index)
            writer.output.append(",\"object\":\"embedding\"}" as StaticString)
        }
        writer.endArray()
        writer.member("model", plan.model)
        writer.key("object")
        writer.string("list")
        writer.key("usage")
        writer.beginObject()
        writer.member("prompt_tokens", promptTokens)
        writer.member("total_tokens", promptTokens)
        writer.endObject()
        writer.endObject()
    }
}
