import PolluxJSON
import PolluxOpenAIWire
import PolluxTranslation

/// Several answers of one candidate each → one answer of several candidates (NFAN-001).
enum FanOut {
    /// The first call's answer with all candidates, their indices those of the calls; and the summed counts.
    ///
    /// - Parameter bodies: the answers, with the numbers of their calls.
    /// - Throws: what is wrong with the first answer that is none.
    static func merged(
        _ bodies: [(call: Int, bytes: [UInt8])], usageMode: TranslationSettings.UsageMode,
        credential: UpstreamError.Credential
    ) throws(APIError) -> (answer: [UInt8], usage: Usage) {
        var usage: Usage?
        var blocked = 0
        var candidates = JSONWriter()
        candidates.beginArray()
        var rest = JSONWriter()
        rest.beginObject()
        for (index, body) in bodies.enumerated() {
            var tape = JSONTape()
            guard (try? tape.parse(body.bytes.span, limits: JSONLimits(acceptsLoneSurrogates: true))) != nil else {
                throw Exchange.invalidAnswer
            }
            let json = tape.document(of: body.bytes.span)
            if UpstreamError.isError(json) { throw UpstreamError.translate(event: json, credential: credential) }
            guard json.isObject(.root) else { throw Exchange.invalidAnswer }
            var own = Usage(answer: json, mode: usageMode)
            if try writeCandidate(body.call, of: json, into: &candidates) {
                blocked += 1
                own.completionTokens = 0
            }
            if usage == nil { usage = own } else { usage?.add(own) }
            writeRest(isFirst: index == 0, isLast: index == bodies.count - 1, of: json, into: &rest)
            if blocked == bodies.count, let feedback = json.value("promptFeedback", of: .root) {
                rest.key("promptFeedback")
                rest.copy(feedback, of: json)
            }
        }
        candidates.endArray()
        if blocked < bodies.count {
            rest.key("candidates")
            rest.raw(candidates.output.span)
        }
        rest.endObject()
        return (rest.output.array(), usage ?? Usage())
    }

    /// - Returns: whether there is none because the prompt was blocked (RESP-040).
    private static func writeCandidate(
        _ index: Int, of json: borrowing JSONDocument, into writer: inout JSONWriter
    ) throws(APIError) -> Bool {
        var elements = json.elements(json.value("candidates", of: .root) ?? .root)
        let first = elements.next(in: json)
        writer.beginObject()
        writer.key("index")
        writer.integer(index)
        if let first {
            var members = json.members(first)
            while let member = members.next(in: json) {
                if json.equals(member.key, "index") { continue }
                writer.key(copying: member.key, of: json)
                writer.copy(member.value, of: json)
            }
        } else if let feedback = json.value("promptFeedback", of: .root) {
            writer.key("promptFeedback")
            writer.copy(feedback, of: json)
        } else {
            throw Exchange.emptyAnswer
        }
        writer.endObject()
        return first == nil
    }

    /// What stands beside the candidates: the first call names the answer, the last one its tier.
    private static func writeRest(
        isFirst: Bool, isLast: Bool, of json: borrowing JSONDocument, into writer: inout JSONWriter
    ) {
        var members = json.members(.root)
        while let member = members.next(in: json) {
            if json.equals(member.key, "candidates") || json.equals(member.key, "promptFeedback") { continue }
            guard json.equals(member.key, "usageMetadata") ? isLast : isFirst else { continue }
            writer.key(copying: member.key, of: json)
            writer.copy(member.value, of: json)
        }
    }
}
