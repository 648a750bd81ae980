internal import PolluxJSON

/// The `content` of one choice as it is written: for the vault, which wants it with its runs (SIG-010), and for
/// grounding, whose places are told by parts (GRND-002).
struct ContentRecord {
    /// What is longer is not kept: it is neither remembered nor cited.
    static let maximumBytes = 1 << 20

    private(set) var content: [UInt8] = []
    private(set) var runs: [RememberedMessage.Run] = []
    /// Where each part of answer text stands in `content`.
    private var parts: [Range<Int>] = []
    private(set) var isTooLong = false

    /// Appends text that stands between the parts: tags, fences.
    ///
    /// - Parameter isThought: `nil` for what is neither thought nor answer.
    mutating func append(_ text: String, isThought: Bool?) {
        if isTooLong { return }
        let start = content.count
        content.append(contentsOf: text.utf8)
        noteRun(from: start, isThought: isThought)
    }

    /// Appends a string of a document.
    mutating func append(_ node: JSONNode, of json: borrowing JSONDocument, isThought: Bool) {
        if isTooLong { return }
        let start = content.count
        if json.isPlain(node) { content.append(copying: json.raw(node)) } else { content += json.text(node) }
        noteRun(from: start, isThought: isThought)
    }

    private mutating func noteRun(from start: Int, isThought: Bool?) {
        if content.count > Self.maximumBytes {
            self = ContentRecord()
            isTooLong = true
            return
        }
        guard let isThought, content.count > start else { return }
        if let last = runs.last, last.isThought == isThought, last.source.upperBound == start {
            runs[runs.count - 1].source = last.source.lowerBound..<content.count
        } else {
            runs.append(.init(isThought: isThought, source: start..<content.count))
        }
    }

    /// Notes that what was written from `start` on is a part of answer text, or more of the last one.
    mutating func notePart(from start: Int, continuesPart: Bool) {
        guard !isTooLong else { return }
        if continuesPart, let last = parts.last, last.upperBound == start {
            parts[parts.count - 1] = last.lowerBound..<content.count
        } else {
            parts.append(start..<content.count)
        }
    }

    func remembered(signature: String?) -> RememberedMessage? {
        let showsThoughts = runs.contains(where: \.isThought)
        guard !isTooLong, !content.isEmpty, signature != nil || showsThoughts else { return nil }
        return RememberedMessage(signature: signature, runs: showsThoughts ? runs : [])
    }

    /// The character offset in `content` of a byte offset in a part (GRND-002): inside a character it is the
    /// character's own, past the end the end.
    func characters(part: Int, byte: Int) -> Int {
        var end = parts.last?.upperBound ?? 0
        if part >= 0, part < parts.count { end = parts[part].lowerBound + min(max(byte, 0), parts[part].count) }
        while end > 0, end < content.count, content[end] & 0xC0 == 0x80 { end -= 1 }
        return content[..<end].reduce(0) { $1 & 0xC0 == 0x80 ? $0 : $0 + 1 }
    }
}
