/// Cuts an answer into the pieces of a stream: groups of words, and calls, pictures and sounds whole.
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
            case .functionCall, .media:
                pieces.append(part)
                continue
            }
            if let signature = part.signature { pieces[pieces.count - 1]?.signature = signature }
        }
        return pieces.isEmpty ? [nil] : pieces
    }

    private mutating func cut(_ text: String) -> [String] {
        guard !text.isEmpty else { return [""] }
        var pieces: [String] = []
        var piece = ""
        var length = 0
        var words = 2 + chance.below(4)
        for character in text {
            if character == " " { words -= 1 }
            if words == 0 || length >= Self.maximumPiece {
                pieces.append(piece)
                piece = ""
                length = 0
                words = 2 + chance.below(4)
            }
            piece.append(character)
            length += 1
        }
        pieces.append(piece)
        return pieces
    }
}
