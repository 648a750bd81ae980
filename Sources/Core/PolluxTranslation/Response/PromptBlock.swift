internal import PolluxJSON

/// What is told of a prompt that was blocked (RESP-040).
struct PromptBlock: Sendable {
    /// `blockReasonMessage`, else a sentence that names the reason.
    let refusal: String
    /// The choice's `"extra_content":{…}`.
    let content: [UInt8]
    /// Whether the feedback names a reason. Without one it says nothing of an answer that has begun.
    let namesReason: Bool

    /// - Parameter feedback: `promptFeedback`.
    init(_ feedback: JSONNode, of json: borrowing JSONDocument) {
        let named = json.value("blockReason", of: feedback).map { json.string($0) }
        let reason = named ?? "OTHER"
        namesReason = named != nil
        var writer = JSONWriter(minimumCapacity: 128)
        writer.raw("\"extra_content\":{\"google\":{\"block_reason\":")
        writer.string(text: reason)
        if let ratings = json.value("safetyRatings", of: feedback) {
            writer.key("safety_ratings")
            writer.copySnakeCased(ratings, of: json)
        }
        writer.endObject()
        writer.endObject()
        content = writer.output.array()
        if let message = json.value("blockReasonMessage", of: feedback), json.isString(message),
            json.length(message) > 0
        {
            refusal = json.string(message)
        } else {
            refusal = "The prompt was blocked by the provider (\(reason))."
        }
    }
}
