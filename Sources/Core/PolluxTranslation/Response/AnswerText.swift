internal import PolluxGeminiWire
internal import PolluxJSON

/// Puts the text of parts into `content`, the same way for whole answers and for streams: thought tags,
/// code blocks, addresses of files (RESP-010…017, THINK-030…036).
struct AnswerText {
    let thoughts: ResponsePlan.Thoughts
    /// Between `<marker>` and `</marker>`.
    private(set) var isInsideTag = false
    private(set) var hasText = false
    private(set) var hasThoughts = false
    private var endsWithNewline = false
    /// Kept when the vault will want it, or grounding may point into it.
    var record: ContentRecord?
    /// Whether the next answer text goes on with the part before it: streams cut parts into events.
    var continuesPart = false

    init(thoughts: ResponsePlan.Thoughts) { self.thoughts = thoughts }

    var marker: String? {
        if case .tagged(let marker) = thoughts { return marker }
        return nil
    }

    /// Adds thought text to the open `content` string.
    mutating func writeThought(_ node: JSONNode, of json: borrowing JSONDocument, into writer: inout JSONWriter) {
        if let marker, !isInsideTag {
            isInsideTag = true
            writeTag("<\(marker)>", into: &writer)
        }
        hasThoughts = true
        write(node, of: json, isThought: true, into: &writer)
    }

    /// Adds answer text to the open `content` string.
    mutating func writeAnswer(_ node: JSONNode, of json: borrowing JSONDocument, into writer: inout JSONWriter) {
        closeTag(into: &writer)
        let start = record?.count ?? 0
        write(node, of: json, isThought: false, into: &writer)
        record?.notePart(from: start, continuesPart: continuesPart)
    }

    /// An empty part adds nothing, but grounding counts it.
    mutating func skipAnswer() {
        let end = record?.count ?? 0
        record?.notePart(from: end, continuesPart: false)
    }

    /// Adds `</marker>` when a thought is open.
    mutating func closeTag(into writer: inout JSONWriter) {
        guard isInsideTag, let marker else { return }
        isInsideTag = false
        writeTag("</\(marker)>", into: &writer)
    }

    /// Adds code or its output as a fenced block (RESP-016, RESP-017).
    mutating func writeFence(
        _ info: StaticString, firstLine: String? = nil, _ node: JSONNode?, of json: borrowing JSONDocument,
        into writer: inout JSONWriter
    ) {
        closeTag(into: &writer)
        if hasText, !endsWithNewline { writePlain("\n", into: &writer) }
        writePlain("```\(info)\n", into: &writer)
        if let firstLine { writePlain(firstLine + "\n", into: &writer) }
        if let node, json.isString(node), json.length(node) > 0 {
            write(node, of: json, isThought: false, into: &writer)
            if !endsWithNewline { writePlain("\n", into: &writer) }
        }
        writePlain("```\n", into: &writer)
    }

    /// Adds the address of a file on a line of its own (RESP-015).
    mutating func writeAddress(_ node: JSONNode, of json: borrowing JSONDocument, into writer: inout JSONWriter) {
        closeTag(into: &writer)
        if hasText, !endsWithNewline { writePlain("\n", into: &writer) }
        write(node, of: json, isThought: false, into: &writer)
        writePlain("\n", into: &writer)
    }

    private mutating func write(
        _ node: JSONNode, of json: borrowing JSONDocument, isThought: Bool, into writer: inout JSONWriter
    ) {
        writer.fragment(copying: node, of: json)
        hasText = true
        endsWithNewline = Self.endsWithNewline(json.raw(node))
        record?.append(node, of: json, isThought: isThought, using: &writer.output)
    }

    private mutating func writeTag(_ tag: String, into writer: inout JSONWriter) {
        writer.output.append(tag)
        record?.append(tag, isThought: nil)
        hasText = true
        endsWithNewline = false
    }

    private mutating func writePlain(_ text: String, into writer: inout JSONWriter) {
        writer.fragment(text: text)
        record?.append(text, isThought: false)
        hasText = true
        endsWithNewline = text.utf8.last == UInt8(ascii: "\n")
    }

    /// Whether an escaped string ends with `\n` (and not with an escaped backslash and an n).
    private static func endsWithNewline(_ raw: Span<UInt8>) -> Bool {
        guard raw.count >= 2, raw[raw.count - 1] == UInt8(ascii: "n") else { return false }
        var backslashes = 0
        while backslashes < raw.count - 1, raw[raw.count - 2 - backslashes] == UInt8(ascii: "\\") { backslashes += 1 }
        return backslashes % 2 == 1
    }
}
