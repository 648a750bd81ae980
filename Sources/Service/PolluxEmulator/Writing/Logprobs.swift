import PolluxJSON

/// How likely each token of an answer was. The numbers depend on the token alone: nothing was computed.
struct Logprobs {
    /// Candidates to tell for each token, the chosen one included; 0 tells the chosen one only.
    let alternatives: Int

    /// Writes `avgLogprobs` and `logprobsResult` for the text of these parts; nothing when there is none.
    func write(_ parts: [AnswerPart], into writer: inout JSONWriter) {
        var tokens: [String] = []
        for part in parts {
            if case .text(let text) = part.content { tokens += Tokens.pieces(text) }
        }
        guard !tokens.isEmpty else { return }
        let sum = tokens.reduce(0) { $0 + Self.logProbability($1) }
        writer.key("avgLogprobs")
        write(sum / Double(tokens.count), into: &writer)
        writer.key("logprobsResult")
        writer.beginObject()
        writer.key("chosenCandidates")
        writer.beginArray()
        for token in tokens { write(token, Self.logProbability(token), into: &writer) }
        writer.endArray()
        if alternatives > 0 {
            writer.key("topCandidates")
            writer.beginArray()
            for token in tokens { writeAlternatives(to: token, into: &writer) }
            writer.endArray()
        }
        writer.endObject()
    }

    private func writeAlternatives(to token: String, into writer: inout JSONWriter) {
        writer.beginObject()
        writer.key("candidates")
        writer.beginArray()
        let chosen = Self.logProbability(token)
        write(token, chosen, into: &writer)
        for rank in 1..<max(alternatives, 1) { write("~\(rank)", chosen - Double(rank), into: &writer) }
        writer.endArray()
        writer.endObject()
    }

    private func write(_ token: String, _ logProbability: Double, into writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("token", token)
        writer.member("tokenId", Int(Self.hash(token) % 256_000))
        writer.key("logProbability")
        write(logProbability, into: &writer)
        writer.endObject()
    }

    private func write(_ number: Double, into writer: inout JSONWriter) {
        writer.raw(Array("\(number)".utf8).span)
    }

    private static func hash(_ token: String) -> UInt64 {
        var hash = Hash()
        hash.add(token)
        return hash.value
    }

    /// From -0.001 to -0.5.
    private static func logProbability(_ token: String) -> Double { -Double(1 + hash(token) % 500) / 1000 }
}
