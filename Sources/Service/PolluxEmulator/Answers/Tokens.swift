/// The emulator's idea of a token: as many characters as fit into four bytes of UTF-8, at least one.
enum Tokens {
    /// Tokens of a text.
    static func count(_ text: String) -> Int {
        if isASCII(text) { return (text.utf8.count + 3) / 4 }
        var count = 0
        each(text) { _ in
            count += 1
            return true
        }
        return count
    }

    /// The tokens of a text, in order.
    static func pieces(_ text: String) -> [String] {
        var pieces: [String] = []
        each(text) { piece in
            pieces.append(String(piece))
            return true
        }
        return pieces
    }

    /// The first `maximum` tokens of a text.
    static func prefix(_ text: String, _ maximum: Int) -> String {
        guard text.utf8.count > maximum else { return text }
        if isASCII(text) { return String(text.utf8.prefix(maximum * 4)) ?? text }
        var end = text.startIndex
        var left = maximum
        each(text) { piece in
            guard left > 0 else { return false }
            left -= 1
            end = piece.endIndex
            return true
        }
        return String(text[..<end])
    }

    private static func isASCII(_ text: String) -> Bool { text.utf8.allSatisfy { $0 < 0x80 } }

    /// Calls `body` for each token until it says no.
    private static func each(_ text: String, _ body: (Substring.UnicodeScalarView) -> Bool) {
        let scalars = text.unicodeScalars
        var start = scalars.startIndex
        while start < scalars.endIndex {
            var end = start
            var width = 0
            while end < scalars.endIndex, width == 0 || width + UTF8.width(scalars[end]) <= 4 {
                width += UTF8.width(scalars[end])
                end = scalars.index(after: end)
            }
            guard body(scalars[start..<end]) else { return }
            start = end
        }
    }
}

/// Tokens of a prompt, by modality.
struct PromptTokens: Sendable {
    /// Tokens of one piece of media, whatever its size.
    static let tokensOfMedia = 258

    /// `TEXT`, `IMAGE`, … with the tokens of each, in the order in which they were first met.
    private(set) var details: [(modality: String, tokens: Int)] = []
    var total: Int { details.reduce(0) { $0 + $1.tokens } }

    mutating func add(_ tokens: Int, of modality: String) {
        guard tokens > 0 else { return }
        if let index = details.firstIndex(where: { $0.modality == modality }) {
            details[index].tokens += tokens
        } else {
            details.append((modality, tokens))
        }
    }

    /// Adds text of this many bytes: about four make a token.
    mutating func addText(bytes: Int) { add((bytes + 3) / 4, of: "TEXT") }

    mutating func addMedia(mimeType: String) {
        let modality: String
        switch mimeType.split(separator: "/").first {
        case "image": modality = "IMAGE"
        case "audio": modality = "AUDIO"
        case "video": modality = "VIDEO"
        default: modality = "DOCUMENT"
        }
        add(Self.tokensOfMedia, of: modality)
    }
}
