public import PolluxJSON

/// An embeddings request as it was written: where each known field stands.
///
/// Unknown members are passed over (GEN-002); a `null` is the same as an absent member (GEN-003).
public struct EmbeddingsRequest: Sendable {
    private var nodes = [JSONNode?](repeating: nil, count: Field.allCases.count)

    /// Finds the fields in one pass over the members.
    ///
    /// - Throws: 400 `invalid_type` when the body is not an object.
    public init(_ json: borrowing JSONDocument) throws(APIError) {
        guard json.isObject(.root) else {
            throw .badRequest(
                "Invalid type for request body: expected an object, but got \(json.kind(.root).description) instead.",
                param: nil, code: "invalid_type"
            )
        }
        var members = json.members(.root)
        while let member = members.next(in: json) {
            if let field = Field.names.index(of: member.key, in: json) {
                nodes[field] = json.isNull(member.value) ? nil : member.value
            }
        }
    }

    public subscript(field: Field) -> JSONNode? { nodes[Int(field.rawValue)] }
}

extension EmbeddingsRequest {
    /// Every member that we know, also those without effect.
    public enum Field: UInt8, Sendable, CaseIterable {
        case input, model, encodingFormat, dimensions, user
        case extraBody, google, pollux

        /// The member's name in the request.
        public var name: StaticString {
            switch self {
            case .input: "input"
            case .model: "model"
            case .encodingFormat: "encoding_format"
            case .dimensions: "dimensions"
            case .user: "user"
            case .extraBody: "extra_body"
            case .google: "google"
            case .pollux: "pollux"
            }
        }

        /// The names of all fields, in the order of their raw values.
        static let names = JSONNames(allCases.map(\.name))
    }
}
