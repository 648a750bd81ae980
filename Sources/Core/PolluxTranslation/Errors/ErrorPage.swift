internal import PolluxJSON

/// An error that is no JSON: the text, or the page in HTML, of something that stands in between (ERR-004).
enum ErrorPage {
    /// What is looked at of it, in bytes.
    private static let maximumBytes = 65536
    /// What is told of it, in characters.
    private static let maximumText = 500

    /// Its first words, with tags removed.
    static func text(_ body: Span<UInt8>) -> String {
        let page = Array(copying: body.extracting(0..<min(body.count, maximumBytes)))
        let text = String(copying: withoutStyles(page).span)
        var result = ""
        var isInsideTag = false
        for (index, character) in zip(text.indices, text) {
            let next = text.index(after: index)
            if character == "<", next < text.endIndex, text[next].isLetter || "/!?".contains(text[next]) {
                isInsideTag = true
            } else if character == ">", isInsideTag {
                isInsideTag = false
                if result.last != " ", !result.isEmpty { result.append(" ") }
            } else if !isInsideTag {
                let isSpace = character.isWhitespace
                if isSpace && (result.last == " " || result.isEmpty) { continue }
                result.append(isSpace ? " " : character)
            }
            if result.count >= maximumText { break }
        }
        if result.last == " " { result.removeLast() }
        return result
    }

    /// A page without its styles and scripts, which have no words for people.
    private static func withoutStyles(_ page: [UInt8]) -> [UInt8] {
        let lowered = page.map { $0 &- UInt8(ascii: "A") < 26 ? $0 | 0x20 : $0 }
        var result: [UInt8] = []
        var at = 0
        while at < page.count {
            guard let name = ["style", "script"].first(where: { lowered[at...].starts(with: "<\($0)".utf8) }) else {
                result.append(page[at])
                at += 1
                continue
            }
            at = lowered[at...].firstRange(of: Array("</\(name)".utf8))?.lowerBound ?? page.count
        }
        return result
    }
}
