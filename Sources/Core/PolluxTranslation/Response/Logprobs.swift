internal import PolluxJSON

extension JSONWriter {
    /// Writes what ``logprobTokens(_:of:plan:)`` gave: the value of `logprobs`.
    mutating func writeLogprobs(_ tokens: [UInt8]) {
        if tokens.isEmpty { return null() }
        raw("{\"content\":[")
        output.append(tokens.span)
        output.append("],\"refusal\":null}" as StaticString)
    }

    /// `logprobsResult` → the entries of `logprobs.content`, with commas; none when none were asked for or came
    /// (LOGP-001…003).
    static func logprobTokens(_ result: JSONNode?, of json: borrowing JSONDocument, plan: ResponsePlan) -> [UInt8] {
        guard plan.wantsLogprobs, let result, let chosen = json.value("chosenCandidates", of: result) else { return [] }
        var tops: [JSONNode] = []
        if plan.wantsTopLogprobs, let list = json.value("topCandidates", of: result) {
            var elements = json.elements(list)
            while let element = elements.next(in: json) { tops.append(element) }
        }
        var writer = JSONWriter(minimumCapacity: 256)
        var elements = json.elements(chosen)
        var index = 0
        while let candidate = elements.next(in: json) {
            writer.beginObject()
            writer.writeToken(candidate, of: json)
            writer.key("top_logprobs")
            writer.beginArray()
            if index < tops.count, let list = json.value("candidates", of: tops[index]) {
                var alternatives = json.elements(list)
                while let alternative = alternatives.next(in: json) {
                    writer.beginObject()
                    writer.writeToken(alternative, of: json)
                    writer.endObject()
                }
            }
            writer.endArray()
            writer.endObject()
            index += 1
        }
        return writer.output.array()
    }

    /// Writes `bytes`, `logprob` and `token` into the open object.
    private mutating func writeToken(_ candidate: JSONNode, of json: borrowing JSONDocument) {
        let token = json.value("token", of: candidate)
        key("bytes")
        beginArray()
        if let token { for byte in json.text(token) { integer(Int(byte)) } }
        endArray()
        key("logprob")
        if let value = json.value("logProbability", of: candidate) {
            // Protocol buffers write what JSON has no number for as a word: `"-Infinity"`.
            if json.isNumber(value) { copy(value, of: json) } else { raw("-9999.0") }
        } else {
            integer(0)
        }
        key("token")
        if let token, json.isString(token) { copy(token, of: json) } else { string("") }
    }
}
