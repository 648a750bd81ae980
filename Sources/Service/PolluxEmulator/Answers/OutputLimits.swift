/// Cuts an answer where the request says: at a stop sequence, or at its number of tokens.
struct OutputLimits {
    let settings: GenerationSettings

    func apply(to candidate: inout Candidate) {
        stop(&candidate)
        cut(&candidate)
        let length = candidate.text.utf8.count
        candidate.grounding?.cut(to: length)
        if let citations = candidate.citations, citations.bytes.upperBound > length { candidate.citations = nil }
    }

    /// Text ends before the first stop sequence, which is not part of the answer.
    private func stop(_ candidate: inout Candidate) {
        guard !settings.stopSequences.isEmpty else { return }
        for index in candidate.parts.indices {
            guard case .text(let text) = candidate.parts[index].content else { continue }
            let starts = settings.stopSequences.compactMap { text.firstIndex(ofText: $0) }
            guard let start = starts.min() else { continue }
            candidate.parts[index].content = .text(String(text[..<start]))
            candidate.parts.removeSubrange((index + 1)...)
            return
        }
    }

    /// Text is cut at a token; a call or a picture that does not fit is left out whole.
    private func cut(_ candidate: inout Candidate) {
        guard let maximum = settings.maxOutputTokens else { return }
        var left = max(maximum - candidate.thoughtTokens, 0)
        for index in candidate.parts.indices {
            let tokens = candidate.parts[index].tokens
            if case .media = candidate.parts[index].content { continue }
            guard tokens > left else {
                left -= tokens
                continue
            }
            candidate.finishReason = .maxTokens
            if case .text(let text) = candidate.parts[index].content {
                candidate.parts[index].content = .text(Tokens.prefix(text, left))
                candidate.parts.removeSubrange((index + 1)...)
            } else {
                candidate.parts.removeSubrange(index...)
            }
            return
        }
    }
}

extension String {
    /// Where `text` first stands.
    func firstIndex(ofText text: String) -> Index? {
        let whole = Array(utf8)
        let part = Array(text.utf8)
        guard !part.isEmpty, whole.count >= part.count else { return nil }
        for start in 0...whole.count - part.count where whole[start] == part[0] && whole[start...].starts(with: part) {
            return utf8.index(startIndex, offsetBy: start)
        }
        return nil
    }
}
