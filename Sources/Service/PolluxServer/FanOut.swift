import PolluxJSON

/// Several answers of one candidate each → one answer of several candidates (NFAN-001).
enum FanOut {
    private static let counts: [StaticString] = [
        "promptTokenCount", "candidatesTokenCount", "thoughtsTokenCount", "toolUsePromptTokenCount",
        "cachedContentTokenCount", "totalTokenCount",
    ]

    /// The answer of call 0 with all candidates, their indices those of the calls, and summed counts.
    ///
    /// - Returns: `nil` when one of them is not an answer.
    static func merged(_ bodies: [[UInt8]]) -> [UInt8]? {
        var sums = [Int](repeating: 0, count: counts.count)
        var candidates = JSONWriter()
        candidates.beginArray()
        var rest = JSONWriter()
        rest.beginObject()
        for (index, body) in bodies.enumerated() {
            var tape = JSONTape()
            guard (try? tape.parse(body.span, limits: JSONLimits(acceptsLoneSurrogates: true))) != nil else {
                return nil
            }
            let json = tape.document(of: body.span)
            guard json.isObject(.root), json.value("error", of: .root) == nil else { return nil }
            if let usage = json.value("usageMetadata", of: .root) {
                for (place, name) in counts.enumerated() {
                    sums[place] += json.value(name, of: usage).flatMap { json.integer($0) } ?? 0
                }
            }
            writeCandidate(index, of: json, into: &candidates)
            guard index == 0 else { continue }
            var members = json.members(.root)
            while let member = members.next(in: json) {
                if json.equals(member.key, "candidates") || json.equals(member.key, "usageMetadata") { continue }
                rest.key(copying: member.key, of: json)
                rest.copy(member.value, of: json)
            }
        }
        candidates.endArray()
        rest.key("candidates")
        rest.raw(candidates.output.span)
        rest.key("usageMetadata")
        rest.beginObject()
        for (place, name) in counts.enumerated() {
            rest.key(name)
            rest.integer(sums[place])
        }
        rest.endObject()
        rest.endObject()
        return rest.output.array()
    }

    private static func writeCandidate(_ index: Int, of json: borrowing JSONDocument, into writer: inout JSONWriter) {
        writer.beginObject()
        writer.key("index")
        writer.integer(index)
        if let list = json.value("candidates", of: .root) {
            var elements = json.elements(list)
            if let first = elements.next(in: json) {
                var members = json.members(first)
                while let member = members.next(in: json) {
                    if json.equals(member.key, "index") { continue }
                    writer.key(copying: member.key, of: json)
                    writer.copy(member.value, of: json)
                }
            }
        } else {  // A blocked prompt: the choice is filtered.
            writer.raw("\"finishReason\":\"SAFETY\"")
        }
        writer.endObject()
    }
}
