import PolluxJSON

/// Turns the bytes of a body, as they came, into pieces that people can read.
enum Pieces {
    /// What came at one time.
    struct Arrival {
        var milliseconds: Double?
        var bytes: [UInt8]
    }

    /// A body that is JSON as a whole is one piece. Of others, each event with JSON in it is one, and what is left
    /// of each arrival.
    static func make(_ arrivals: [Arrival]) -> [Cassette.Piece] {
        let whole = arrivals.flatMap(\.bytes)
        if whole.isEmpty { return [] }
        if let first = whole.first(where: { $0 > 0x20 }), first == UInt8(ascii: "{") || first == UInt8(ascii: "["),
            let value = JSONValue(parsing: whole.span)
        {
            return [Cassette.Piece(milliseconds: arrivals.last?.milliseconds, content: .json(value))]
        }
        var pieces: [Cassette.Piece] = []
        for arrival in arrivals { append(arrival, to: &pieces) }
        return pieces
    }

    private static func append(_ arrival: Arrival, to pieces: inout [Cassette.Piece]) {
        var rest = arrival.bytes[...]
        while let (event, length) = event(at: rest) {
            pieces.append(Cassette.Piece(milliseconds: arrival.milliseconds, content: event))
            rest = rest.dropFirst(length)
        }
        guard !rest.isEmpty else { return }
        let content: Cassette.Piece.Content =
            if let text = String(validating: rest, as: UTF8.self) { .text(text) } else { .bytes(Array(rest)) }
        pieces.append(Cassette.Piece(milliseconds: arrival.milliseconds, content: content))
    }

    /// `data: JSON`, and an empty line.
    private static func event(at bytes: ArraySlice<UInt8>) -> (Cassette.Piece.Content, length: Int)? {
        let prefix = Array("data: ".utf8)
        guard bytes.starts(with: prefix), let newline = bytes.firstIndex(of: UInt8(ascii: "\n")) else { return nil }
        let isCRLF = newline > bytes.startIndex && bytes[newline - 1] == UInt8(ascii: "\r")
        let lineEnd: Cassette.Piece.LineEnd = isCRLF ? .crlf : .lf
        guard bytes[(newline + 1)...].starts(with: lineEnd.text.utf8) else { return nil }
        let data = Array(bytes[(bytes.startIndex + prefix.count)..<(isCRLF ? newline - 1 : newline)])
        guard let value = JSONValue(parsing: data.span) else { return nil }
        return (.event(value, lineEnd: lineEnd), newline + 1 + lineEnd.text.utf8.count - bytes.startIndex)
    }
}
