internal import PolluxJSON
internal import PolluxOpenAIWire

/// What a request says beside its inputs (EMB-002).
///
///     dimensions                          outputDimensionality
///     extra_body.google.task_type         taskType, in capitals
///     extra_body.google.title             title
///     extra_body.google.auto_truncate     autoTruncate, on Vertex AI
///
/// `extra_body` wins over the top-level `google` member by member (REQ-030), and names may be written
/// `snake_case` or `camelCase` (GEN-007).
struct EmbeddingOptions: Sendable {
    var dimensions: Int?
    /// An open set, such as `RETRIEVAL_QUERY`; the upstream refuses what it does not know.
    var taskType: String?
    var title: String?
    var autoTruncate: Bool?

    /// - Throws: 400 for a value of the wrong type, and for dimensions that can be of no vector.
    init(_ request: EmbeddingsRequest, of json: borrowing JSONDocument) throws(APIError) {
        if let node = request[.dimensions] { dimensions = try Self.dimensions(node, of: json) }
        for field in [EmbeddingsRequest.Field.google, .extraBody] {
            guard let holder = request[field] else { continue }
            let name = String(describing: field.name)
            guard json.isObject(holder) else { throw Self.invalidType(name, "an object", holder, json) }
            if field == .google {
                try read(holder, name, of: json)
            } else if let google = json.value("google", of: holder) {
                let path = "extra_body.google"
                guard json.isObject(google) else { throw Self.invalidType(path, "an object", google, json) }
                try read(google, path, of: json)
            }
        }
    }

    private mutating func read(
        _ google: JSONNode, _ path: String, of json: borrowing JSONDocument
    ) throws(APIError) {
        var members = json.members(google)
        while let member = members.next(in: json) {
            guard !json.isNull(member.value) else { continue }
            let name = snakeCase(json.string(member.key))
            switch name {
            case "task_type":
                guard json.isString(member.value) else {
                    throw Self.invalidType("\(path).\(name)", "a string", member.value, json)
                }
                taskType = json.string(member.value).uppercased()
            case "title":
                guard json.isString(member.value) else {
                    throw Self.invalidType("\(path).\(name)", "a string", member.value, json)
                }
                title = json.string(member.value)
            case "auto_truncate":
                guard let value = json.boolean(member.value) else {
                    throw Self.invalidType("\(path).\(name)", "a boolean", member.value, json)
                }
                autoTruncate = value
            default: break
            }
        }
    }

    /// Any length that a vector can have: which ones a model has, the upstream knows.
    private static func dimensions(_ node: JSONNode, of json: borrowing JSONDocument) throws(APIError) -> Int {
        guard json.isNumber(node), json.isIntegral(node) else {
            throw invalidType("dimensions", "an integer", node, json)
        }
        let isNegative = json.raw(node)[0] == UInt8(ascii: "-")
        let value = json.integer(node) ?? (isNegative ? Int.min : Int.max)
        let got = APIError.shortened(json.string(node), to: 40)
        if value < 1 {
            throw .badRequest(
                "Invalid 'dimensions': integer below minimum value. Expected a value >= 1, but got \(got) instead.",
                param: "dimensions", code: "integer_below_min_value"
            )
        }
        if value > maximumDimensions {
            throw .badRequest(
                "Invalid 'dimensions': integer above maximum value. Expected a value <= \(maximumDimensions), but got \(got) instead.",
                param: "dimensions", code: "integer_above_max_value"
            )
        }
        return value
    }

    /// Google's field is a 32-bit integer.
    private static let maximumDimensions = Int(Int32.max)

    private static func invalidType(
        _ param: String, _ expected: String, _ node: JSONNode, _ json: borrowing JSONDocument
    ) -> APIError {
        .invalidType(param, expected: expected, got: node, of: json)
    }
}
