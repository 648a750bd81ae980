/// A table of member names, in which a key is found by its words.
///
/// - Cost: one multiplication and, but for few names, one comparison of three words.
public struct JSONNames: Sendable {
    private struct Entry: Sendable, BitwiseCopyable {
        /// The first eight bytes, or all when there are fewer; the last eight bytes.
        var head: UInt64 = 0
        var tail: UInt64 = 0
        /// The name's length; 0 where there is none.
        var length: Int32 = 0
        /// The name's place in the list that the table was made from.
        var index: Int32 = 0
        var name: StaticString = ""
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
            while entries[place].length > 0 {
                let other = entries[place]
                precondition(other.head != name.head || other.tail != tail || other.length != name.count)
                place = (place + 1) & (entries.count - 1)
            }
            entries[place] = Entry(
                head: name.head, tail: tail, length: Int32(name.count), index: Int32(index), name: text)
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
        let offset = Int(entry.offset)
        let length = Int(entry.length)
        guard entry.flags & JSONEntry.escaped == 0, offset &+ 8 <= json.bytes.count else {
            return index(of: json.text(key))
        }
        var head = json.bytes.word(at: offset)
        var tail = head
        if length > 8 {
            tail = json.bytes.word(at: offset &+ length &- 8)
        } else {
            head &= ~(UInt64.max << UInt64(truncatingIfNeeded: length &* 8))
            tail = head
        }
        guard let entry = find(head, tail, length) else { return nil }
        return length <= 16 || json.bytes.matches(entry.name, at: offset) ? Int(entry.index) : nil
    }

    /// The same of a key with escapes, or at the end of a document.
    @inline(never)
    private func index(of text: [UInt8]) -> Int? {
        var head: UInt64 = 0
        for index in 0..<min(text.count, 8) { head |= UInt64(text[index]) << UInt64(index * 8) }
        let tail = text.count > 8 ? text.span.word(at: text.count - 8) : head
        guard let entry = find(head, tail, text.count), text.span.equals(entry.name) else { return nil }
        return Int(entry.index)
    }

    /// - Precondition: no two names are alike in all three.
    @inline(__always)
    private func find(_ head: UInt64, _ tail: UInt64, _ length: Int) -> Entry? {
        let last = entries.count &- 1
        var place = Int(truncatingIfNeeded: Self.hash(head, tail, length) &>> shift)
        while true {
            let entry = entries[place & last]
            if entry.head == head, entry.tail == tail, entry.length == length { return length == 0 ? nil : entry }
            if entry.length == 0 { return nil }
            place &+= 1
        }
    }
}
