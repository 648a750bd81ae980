/// Cuts an answer into the pieces of a stream: groups of words, and calls, pictures and sounds whole, unless the
/// arguments of calls are to be streamed as well.
struct StreamCutter {
    /// Characters after which a piece ends even without a space.
    static let maximumPiece = 48

    /// One event: parts of one candidate.
    struct Event: Sendable {
        var candidate: Int
        var part: AnswerPart?
        /// Whether the candidate is complete with this event.
        var isLast: Bool
    }

    var chance: Chance
    /// Arguments of calls come in pieces, too.
    var streamsArguments = false

    /// The events, of several candidates in turn.
    mutating func events(_ answer: Answer) -> [Event] {
        let pieces = answer.candidates.map { cut($0) }
        var events: [Event] = []
        for position in 0..<(pieces.map(\.count).max() ?? 0) {
            for candidate in pieces.indices where position < pieces[candidate].count {
                events.append(
                    Event(
                        candidate: candidate, part: pieces[candidate][position],
                        isLast: position == pieces[candidate].count - 1
                    )
                )
            }
        }
        return events
    }

    private mutating func cut(_ candidate: Candidate) -> [AnswerPart?] {
        var pieces: [AnswerPart?] = []
        for part in candidate.parts {
            switch part.content {
            case .thought(let text):
                for piece in cut(text) { pieces.append(AnswerPart(content: .thought(piece))) }
            case .text(let text):
                for piece in cut(text) { pieces.append(AnswerPart(content: .text(piece))) }
            case .functionCall(let name, let arguments, let id) where streamsArguments:
                var first = part.signature
                for piece in CallPiece.pieces(name: name, arguments: arguments, id: id) {
                    pieces.append(AnswerPart(content: .callPiece(piece), signature: first))
                    first = nil
                }
                continue
            case .functionCall, .callPiece, .media, .code, .codeResult:
                pieces.append(part)
                continue
            }
            if let signature = part.signature { pieces[pieces.count - 1]?.signature = signature }
        }
        return pieces.isEmpty ? [nil] : pieces
    }

    private mutating func cut(_ text: String) -> [String] {
        guard !text.isEmpty else { return [""] }
        let isASCII = text.utf8.allSatisfy { $0 < 0x80 }
        let ends = isASCII ? ends(of: text.utf8) { $0 == UInt8(ascii: " ") } : ends(of: text) { $0 == " " }
        var pieces: [String] = []
        var start = text.startIndex
        for end in ends {
            pieces.append(String(text[start..<end]))
            start = end
        }
        return pieces
    }

    /// Where pieces end: before a space after a few words, or after `maximumPiece` characters.
    private mutating func ends<Text: Collection>(
        of text: Text, isSpace: (Text.Element) -> Bool
    ) -> [String.Index] where Text.Index == String.Index {
        var ends: [String.Index] = []
        var length = 0
        var words = 2 + chance.below(4)
        for index in text.indices {
            if isSpace(text[index]) { words -= 1 }
            if words == 0 || length >= Self.maximumPiece {
                ends.append(index)
                length = 0
                words = 2 + chance.below(4)
            }
            length += 1
        }
        ends.append(text.endIndex)
        return ends
    }
}
