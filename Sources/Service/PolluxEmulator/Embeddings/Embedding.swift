/// A vector that depends on nothing but the text and how it was asked for.
///
/// Each word has a direction of its own, and a text is the sum of its words, of length 1: texts that share words are
/// near each other. Fewer dimensions are the beginning of more.
struct Embedding: Sendable {
    var values: [Float]
    /// Tokens that were read.
    var tokens: Int
    /// The text was longer than the model reads.
    var isTruncated = false

    /// - Throws: a 400 for dimensions that the model does not have, and for a text that must not be cut.
    init(_ input: EmbeddingInput, _ model: EmbeddingModel, name: String, seed: UInt64) throws(GoogleError) {
        let dimensions = input.dimensions ?? model.dimensions
        guard (1...model.dimensions).contains(dimensions) else {
            throw .invalid(
                "Unable to submit request because outputDimensionality must be between 1 and \(model.dimensions).")
        }
        var text = input.text
        tokens = Tokens.count(text)
        if tokens > model.inputTokenLimit {
            guard input.autoTruncate else {
                throw .invalid(
                    "The input token count (\(tokens)) exceeds the maximum number of tokens allowed "
                        + "(\(model.inputTokenLimit)).")
            }
            text = Tokens.prefix(text, model.inputTokenLimit)
            tokens = model.inputTokenLimit
            isTruncated = true
        }
        values = Array(repeating: 0, count: dimensions)
        for word in Self.words(text) { add(word, name, input.taskType, seed) }
        let length = values.reduce(0) { $0 + $1 * $1 }.squareRoot()
        if length > 0 { for index in values.indices { values[index] /= length } }
    }

    /// Small letters and digits in a row; the whole text where it has none.
    private static func words(_ text: String) -> [Substring] {
        let words = text.lowercased().split { !$0.isLetter && !$0.isNumber }
        return words.isEmpty ? [text[...]] : words
    }

    private mutating func add(_ word: Substring, _ name: String, _ taskType: String, _ seed: UInt64) {
        var hash = Hash()
        hash.add(seed)
        hash.add(name)
        hash.add(taskType)
        hash.add(String(word))
        var chance = Chance(hash.value)
        for index in values.indices { values[index] += Float(Int32(truncatingIfNeeded: chance.next())) / 0x1p31 }
    }
}
