internal import PolluxJSON

/// What is kept of the `content` of one choice while it is written: for the vault its digest and its runs (SIG-010), for
/// grounding, whose places are told by parts and bytes, where its characters begin (GRND-002). Not the text.
struct ContentRecord {
    /// Of what is longer nothing is kept: it is neither remembered nor cited.
    static let maximumBytes = 1 << 20

    /// Bytes so far.
    private(set) var count = 0
    /// `nil` when nothing is to be remembered.
    private var digest: (any ContentDigest)?
    private let hasDigest: Bool
    private(set) var runs: [RememberedMessage.Run] = []
    /// Where each part of answer text stands.
    private var parts: [Range<Int>] = []
    /// One bit for each byte, set for those inside of a character; up to the last one that is.
    private var insides: [UInt64] = []
    private(set) var isTooLong = false

    init(digest: (any ContentDigest)?) {
        self.digest = digest
        hasDigest = digest != nil
    }

    /// Appends text that stands between the parts: tags, fences.
    ///
    /// - Parameter isThought: `nil` for what is neither thought nor answer.
    mutating func append(_ text: String, isThought: Bool?) { append(text.utf8Span.span, isThought: isThought) }

    /// Appends a string of a document.
    ///
    /// - Parameter scratch: in it escapes are resolved; it is left as it was.
    mutating func append(
        _ node: JSONNode, of json: borrowing JSONDocument, isThought: Bool, using scratch: inout ByteOutput
    ) {
        if json.isPlain(node) { return append(json.raw(node), isThought: isThought) }
        let end = scratch.count
        json.appendText(node, to: &scratch)
        append(scratch.span.extracting(end..<scratch.count), isThought: isThought)
        scratch.truncate(to: end)
    }

    private mutating func append(_ text: Span<UInt8>, isThought: Bool?) {
        if isTooLong { return }
        let start = count
        guard start + text.count <= Self.maximumBytes else {
            self = ContentRecord(digest: nil)
            isTooLong = true
            return
        }
        count += text.count
        if hasDigest { digest?.append(text) }  // To look at what is not there would copy it.
        var at = 0
        while at < text.count {
            if at + 8 <= text.count, text.word(at: at) & 0x8080_8080_8080_8080 == 0 {  // Eight of ASCII.
                at += 8
            } else {
                if text[at] & 0xC0 == 0x80 { noteInside(start + at) }
                at += 1
            }
        }
        noteRun(from: start, isThought: isThought)
    }

    private mutating func noteInside(_ place: Int) {
        while insides.count <= place / 64 { insides.append(0) }
        insides[place / 64] |= 1 << UInt64(place % 64)
    }

    private mutating func noteRun(from start: Int, isThought: Bool?) {
        guard let isThought, count > start else { return }
        if let last = runs.last, last.isThought == isThought, last.source.upperBound == start {
            runs[runs.count - 1].source = last.source.lowerBound..<count
        } else {
            runs.append(.init(isThought: isThought, source: start..<count))
        }
    }

    /// Notes that what was written from `start` on is a part of answer text, or more of the last one.
    mutating func notePart(from start: Int, continuesPart: Bool) {
        guard !isTooLong else { return }
        if continuesPart, let last = parts.last, last.upperBound == start {
            parts[parts.count - 1] = last.lowerBound..<count
        } else {
            parts.append(start..<count)
        }
    }

    /// What the vault keeps under the content's key; `nil` when there is nothing to find again.
    func remembered(signature: String?) -> (content: ContentKey, remembered: RememberedMessage)? {
        let showsThoughts = runs.contains(where: \.isThought)
        guard let digest, count > 0, signature != nil || showsThoughts else { return nil }
        return (digest.key, RememberedMessage(signature: signature, runs: showsThoughts ? runs : []))
    }

    /// The character offset in the content of a byte offset in a part (GRND-002): inside a character it is the
    /// character's own, past the end the end.
    func characters(part: Int, byte: Int) -> Int {
        var end = parts.last?.upperBound ?? 0
        if part >= 0, part < parts.count { end = parts[part].lowerBound + min(max(byte, 0), parts[part].count) }
        while end > 0, isInside(end) { end -= 1 }
        var inside = 0
        for (index, word) in insides.enumerated() where index * 64 < end {
            let left = end - index * 64
            inside += (left < 64 ? word & (1 << UInt64(left) - 1) : word).nonzeroBitCount
        }
        return end - inside
    }

    private func isInside(_ place: Int) -> Bool {
        place / 64 < insides.count && insides[place / 64] >> UInt64(place % 64) & 1 != 0
    }
}
