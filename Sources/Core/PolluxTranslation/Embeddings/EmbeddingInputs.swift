internal import PolluxJSON
internal import PolluxOpenAIWire

/// The texts of `input` (EMB-001).
///
///     "text"            one
///     ["a", "b"]        1 to 2048
///     [1, 2], [[1]]     refused: tokens are numbers of another model's vocabulary
enum EmbeddingInputs {
    static let maximum = 2048

    /// - Throws: 400 for anything else, and for an empty text.
    static func read(_ request: EmbeddingsRequest, of json: borrowing JSONDocument) throws(APIError) -> [JSONNode] {
        guard let input = request[.input] else { throw .missing("input") }
        if json.isString(input) {
            if json.length(input) == 0 { throw empty("input") }
            return [input]
        }
        guard json.isArray(input) else {
            throw .invalidType("input", expected: "a string or an array of strings", got: input, of: json)
        }
        var inputs: [JSONNode] = []
        var elements = json.elements(input)
        while let element = elements.next(in: json) {
            guard json.isString(element) else { throw refused(element, at: inputs.count, of: json) }
            if json.length(element) == 0 { throw empty("input[\(inputs.count)]") }
            inputs.append(element)
        }
        if inputs.isEmpty { throw .emptyArray("input") }
        guard inputs.count <= maximum else {
            throw .badRequest(
                "Invalid 'input': array too long. Expected an array with maximum length \(maximum), but got an array with length \(inputs.count) instead.",
                param: "input", code: "array_above_max_length"
            )
        }
        return inputs
    }

    /// Numbers, and arrays of them, are tokens; LangChain sends them unless it is told otherwise.
    private static func refused(_ element: JSONNode, at index: Int, of json: borrowing JSONDocument) -> APIError {
        guard json.isNumber(element) || json.isArray(element) else {
            return .invalidType("input[\(index)]", expected: "a string", got: element, of: json)
        }
        return .badRequest(
            "Invalid type for 'input': expected a string or an array of strings, but got an array of tokens instead. Token numbers mean nothing to this model: send the text (in LangChain: check_embedding_ctx_length=False).",
            param: "input", code: "invalid_type"
        )
    }

    private static func empty(_ param: String) -> APIError {
        .badRequest(
            "Invalid '\(param)': empty string. Expected a string with minimum length 1, but got an empty string instead.",
            param: param, code: "empty_string"
        )
    }
}
