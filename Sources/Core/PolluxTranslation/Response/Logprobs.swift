internal import PolluxJSON

extension JSONWriter {
    /// `logprobsResult` → `logprobs` (LOGP-001…003).
    mutating func writeLogprobs(_ result: JSONNode?, of json: borrowing JSONDocument, plan: ResponsePlan) {
        guard plan.wantsLogprobs, let result, let chosen = json.value("chosenCandidates", of: result) else {
            return null()
        }
        var tops: [JSONNode] = []
        if plan.wantsTopLogprobs, let list = json.value("topCandidates", of: result) {
            var elements = json.elements(list)
            while let element = elements.next(in: json) { tops.append(element) }
        }
        beginObject()
        key("content")
        beginArray()
        var elements = json.elements(chosen)
        var index = 0
        while let candidate = elements.next(in: json) {
            beginObject()
            writeToken(candidate, of: json)
            key("top_logprobs")
            beginArray()
            if index < tops.count, let list = json.value("candidates", of: tops[index]) {
                var alternatives = json.elements(list)
                while let alternative = alternatives.next(in: json) {
                    beginObject()
                    writeToken(alternative, of: json)
                    endObject()
                }
            }
            endArray()
            endObject()
            index += 1
        }
        endArray()
        key("refusal")
        null()
        endObject()
    }

    /// Writes `bytes`, `logprob` and `token` into the open object.
    private mutating func writeToken(_ candidate: JSONNode, of json: borrowing JSONDocument) {
        let token = json.value("token", of: candidate)
        key("bytes")
        beginArray()
        if let token { for byte in json.text(token) { integer(Int(byte)) } }
        endArray()
        key("logprob")
        if let value = json.value("logProbability", of: candidate), json.isNumber(value) {
            copy(value, of: json)
        } else {
            integer(0)
        }
        key("token")
        if let token, json.isString(token) { copy(token, of: json) } else { string("") }
    }
}
