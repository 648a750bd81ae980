/// A table of member names, in which a key is found by comparing words.
///
/// - Cost: a comparison of two words for each name of the key's length.
public struct JSONNames: Sendable {
    private struct Entry: Sendable {
        /// The first eight bytes, or all when there are fewer; the last eight bytes.
        var head: UInt64
        var tail: UInt64
        var name: StaticString
        /// The name's place in the list that the table was made from.
        var index: Int
    }

    /// In the order of their lengths.
    private let entries: [Entry]
    /// Where the entries of each length begin; one more than the longest has.
    private let starts: [Int]

    public init(_ names: [StaticString]) {
        entries = names.enumerated().map { index, text in
            let name = JSONName(text)
            return Entry(head: name.head, tail: name.count > 8 ? name.tail : name.head, name: text, index: index)
        }.sorted { $0.name.utf8CodeUnitCount < $1.name.utf8CodeUnitCount }
        var starts: [Int] = []
        for (index, entry) in entries.enumerated() {
            while starts.count <= entry.name.utf8CodeUnitCount { starts.append(index) }
        }
        starts.append(entries.count)
        self.starts = starts
    }

    /// Which of the names this key is; `nil` when it is none of them.
    public func index(of key: JSONNode, in json: borrowing JSONDocument) -> Int? {
        if json.isPlain(key) { return index(of: json.bytes, at: json.range(key).lowerBound, length: json.length(key)) }
        let text = json.text(key)
        return index(of: text.span, at: 0, length: text.count)
    }

    private func index(of bytes: Span<UInt8>, at offset: Int, length: Int) -> Int? {
        guard length > 0, length + 1 < starts.count else { return nil }
        guard offset + 8 <= bytes.count else {
            for entry in entries[starts[length]..<starts[length + 1]]
            where bytes.extracting(offset..<offset + length).equals(entry.name) { return entry.index }
            return nil
        }
        let head = bytes.word(at: offset) & (length >= 8 ? .max : (1 << UInt64(length * 8)) - 1)
        let tail = length > 8 ? bytes.word(at: offset + length - 8) : head
        for index in starts[length]..<starts[length + 1] where entries[index].head == head {
            if entries[index].tail == tail, length <= 16 || bytes.matches(entries[index].name, at: offset) {
                return entries[index].index
            }
        }
        return nil
    }
}
