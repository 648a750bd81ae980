/// A table of member names, in which a key is found by its words.
///
/// - Cost: one multiplication and, but for few names, one comparison of three words.
public struct JSONNames: Sendable {
    private struct Entry: Sendable, BitwiseCopyable {
        /// The first eight bytes, or all when there are fewer; the last eight bytes.
        var head: UInt64 = 0
        var tail: UInt64 = 0
        var name: StaticString = ""
        /// The name's length; 0 where there is none.
        var length = 0
        /// The name's place in the list that the table was made from.
        var index = 0
    }

    /// Four places for each name; a name stands at the first free one from its own place on.
    private let entries: [Entry]
    /// How far a hash is shifted to give a place.
    private let shift: UInt64

    public init(_ names: [StaticString]) {
        var bits: UInt64 = 3
        while 1 << bits < names.count * 4 { bits += 1 }
        shift = 64 - bits
        var entries = [Entry](repeating: Entry(), count: 1 << bits)
        for (index, text) in names.enumerated() {
            let name = JSONName(text)
            let tail = name.count > 8 ? name.tail : name.head
            var place = Int(Self.hash(name.head, tail, name.count) >> shift)
            while entries[place].length > 0 { place = (place + 1) & (entries.count - 1) }
            entries[place] = Entry(head: name.head, tail: tail, name: text, length: name.count, index: index)
        }
        self.entries = entries
    }

    @inline(__always)
    private static func hash(_ head: UInt64, _ tail: UInt64, _ length: Int) -> UInt64 {
        (head &+ tail &* 31 &+ UInt64(truncatingIfNeeded: length)) &* 0x9E37_79B9_7F4A_7C15
    }

    /// Which of the names this key is; `nil` when it is none of them.
    public func index(of key: JSONNode, in json: borrowing JSONDocument) -> Int? {
        let entry = json.entry(key)
        if entry.flags & JSONEntry.escaped == 0 {
            return index(of: json.bytes, at: Int(entry.offset), length: Int(entry.length))
        }
        let text = json.text(key)
        return index(of: text.span, at: 0, length: text.count)
    }

    private func index(of bytes: Span<UInt8>, at offset: Int, length: Int) -> Int? {
        guard length > 0 else { return nil }
        let head: UInt64
        if offset &+ 8 <= bytes.count {
            head = bytes.word(at: offset) & (length >= 8 ? .max : (1 &<< UInt64(truncatingIfNeeded: length &* 8)) &- 1)
        } else {
            var word: UInt64 = 0
            for index in 0..<min(length, 8) { word |= UInt64(bytes[offset + index]) << UInt64(index * 8) }
            head = word
        }
        let tail = length > 8 ? bytes.word(at: offset &+ length &- 8) : head
        let entries = self.entries.span
        var place = Int(truncatingIfNeeded: Self.hash(head, tail, length) &>> shift)
        while true {
            let entry = entries[place]
            if entry.head == head, entry.tail == tail, entry.length == length,
                length <= 16 || bytes.matches(entry.name, at: offset)
            {
                return entry.index
            }
            if entry.length == 0 { return nil }
            place = (place &+ 1) & (entries.count &- 1)
        }
    }
}
