internal import PolluxJSON
internal import PolluxOpenAIWire

/// What a client says of a text: that it is a thought, that it is none, or something that only looks like it.
enum ThoughtFlag {
    case thought
    case answer
    /// A number: the Python SDK adds up the booleans of a stream's deltas.
    case unclear
}

/// Thoughts that come back in assistant messages (THINK-040…045).
extension RequestTranslation {
    func thoughtFlag(_ fields: ChatObject) -> ThoughtFlag? {
        guard let flag = extra("thought", "thought", of: fields) else { return nil }
        switch json.boolean(flag) {
        case true: return .thought
        case false: return .answer
        default: return .unclear
        }
    }

    /// Cuts one assistant text into thoughts and answer.
    ///
    /// - Parameter isPart: the text is a content part, whose flag is explicit and wins over tags.
    mutating func appendAssistantText(
        _ node: JSONNode, of message: Message, flag: ThoughtFlag?, isPart: Bool = false,
        to pieces: inout [AssistantPiece]
    ) {
        guard json.length(node) > 0 else { return }
        switch flag {
        case .answer:
            pieces.append(AssistantPiece(content: .text(node)))
        case .thought where isPart:
            pieces.append(AssistantPiece(content: .text(node), isThought: true))
        case .thought, .unclear:
            if !isPart, let known = remembered(message), !known.runs.isEmpty {
                appendRuns(known.runs, of: node, to: &pieces)
            } else if let marker, appendTagged(node, marker: marker, to: &pieces) {
                return
            } else {
                pieces.append(AssistantPiece(content: .text(node), isThought: flag == .thought))
            }
        case nil:
            if let marker, appendTagged(node, marker: marker, to: &pieces) { return }
            if !isPart, let known = remembered(message), !known.runs.isEmpty {
                return appendRuns(known.runs, of: node, to: &pieces)
            }
            pieces.append(AssistantPiece(content: .text(node)))
        }
    }

    private func appendRuns(_ runs: [RememberedMessage.Run], of node: JSONNode, to pieces: inout [AssistantPiece]) {
        let text = json.text(node)
        for run in runs where run.source.upperBound <= text.count && !run.source.isEmpty {
            pieces.append(AssistantPiece(content: .bytes(Array(text[run.source])), isThought: run.isThought))
        }
    }

    /// Cuts the text at `<marker>` and `</marker>`; `false` when it has no opening tag.
    private func appendTagged(_ node: JSONNode, marker: String, to pieces: inout [AssistantPiece]) -> Bool {
        let text = json.text(node)
        let opening = Array("<\(marker)>".utf8)
        let closing = Array("</\(marker)>".utf8)
        guard var tag = text.firstRange(of: opening) else { return false }
        var at = 0
        while true {
            appendBytes(text[at..<tag.lowerBound], isThought: false, to: &pieces)
            let end = text[tag.upperBound...].firstRange(of: closing)
            appendBytes(text[tag.upperBound..<(end?.lowerBound ?? text.count)], isThought: true, to: &pieces)
            guard let end else { return true }
            at = end.upperBound
            guard let next = text[at...].firstRange(of: opening) else { break }
            tag = next
        }
        appendBytes(text[at...], isThought: false, to: &pieces)
        return true
    }

    private func appendBytes(_ bytes: ArraySlice<UInt8>, isThought: Bool, to pieces: inout [AssistantPiece]) {
        if bytes.isEmpty { return }
        pieces.append(AssistantPiece(content: .bytes(Array(bytes)), isThought: isThought))
    }
}

extension RandomAccessCollection where Element == UInt8, Index == Int {
    /// Where `pattern` stands first.
    func firstRange(of pattern: [UInt8]) -> Range<Int>? {
        guard let first = pattern.first, count >= pattern.count else { return nil }
        var at = startIndex
        while at <= endIndex - pattern.count {
            if self[at] == first, self[at..<at + pattern.count].elementsEqual(pattern) {
                return at..<at + pattern.count
            }
            at += 1
        }
        return nil
    }
}
