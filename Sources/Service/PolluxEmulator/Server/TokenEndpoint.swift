import PolluxJSON

/// Google's token endpoint: gives a token to whoever asks in the right form.
///
/// - Source: RFC 6749, section 6; RFC 7523.
struct TokenEndpoint {
    /// Seconds a token is said to live.
    static let lifetimeSeconds = 3600
    /// Bytes of a form that are looked at.
    static let maximumFormBytes = 64 << 10

    let seed: UInt64

    func reply(toForm body: Span<UInt8>) -> Reply {
        guard body.count <= Self.maximumFormBytes else {
            return refusal("invalid_request", "The form is too large.")
        }
        // A form is the query of an address without its question mark.
        let form = RequestTarget("/?" + String(copying: body))
        let proof: String
        switch form.parameter("grant_type") {
        case "urn:ietf:params:oauth:grant-type:jwt-bearer":
            proof = form.parameter("assertion") ?? ""
            guard proof.split(separator: ".", omittingEmptySubsequences: false).count == 3 else {
                return refusal("invalid_grant", "Invalid JWT: must have three parts.")
            }
        case "refresh_token":
            proof = form.parameter("refresh_token") ?? ""
            guard !proof.isEmpty else {
                return refusal("invalid_request", "Missing required parameter: refresh_token")
            }
        default:
            return refusal("unsupported_grant_type", "Invalid grant_type.")
        }
        var hash = Hash()
        hash.add(seed)
        hash.add(proof)
        var chance = Chance(hash.value)
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("access_token")
        writer.string(text: "ya29.emulator-" + chance.identifier(length: 24))
        writer.key("expires_in")
        writer.integer(Self.lifetimeSeconds)
        writer.key("token_type")
        writer.string("Bearer")
        writer.endObject()
        return .json(writer.output.array())
    }

    private func refusal(_ error: String, _ description: String) -> Reply {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("error")
        writer.string(text: error)
        writer.key("error_description")
        writer.string(text: description)
        writer.endObject()
        return Reply(status: 400, body: .complete(writer.output.array()))
    }
}
