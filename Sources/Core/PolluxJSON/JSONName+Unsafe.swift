/// A name that is known when the program is compiled, made ready to be compared a word at a time.
///
/// Invariant: `matches` reads through ``Swift/Span/word(at:)`` and ``Swift/Span/matches(_:at:)``, which test their
/// range; the literal's bytes are read below its length only.
/// Gain: members are looked up some two hundred times in an agent's request; byte by byte took twice as long.
@usableFromInline
struct JSONName: Sendable, CustomStringConvertible {
    @usableFromInline let text: StaticString
    @usableFromInline let count: Int
    /// The first eight bytes, or all when there are fewer; the first one lowest.
    @usableFromInline let head: UInt64
    /// The bits of a word that `head` is compared with.
    @usableFromInline let mask: UInt64
    /// The last eight bytes of a longer name.
    @usableFromInline let tail: UInt64

    @inlinable @inline(__always)
    init(_ text: StaticString) {
        let count = text.utf8CodeUnitCount
        self.text = text
        self.count = count
        var head: UInt64 = 0
        for index in 0..<min(count, 8) { head |= unsafe UInt64(text.utf8Start[index]) << UInt64(index &* 8) }
        var tail: UInt64 = 0
        if count > 8 {
            for index in 0..<8 { tail |= unsafe UInt64(text.utf8Start[count &- 8 &+ index]) << UInt64(index &* 8) }
        }
        self.head = head
        self.tail = tail
        mask = count >= 8 ? .max : (1 << UInt64(count &* 8)) &- 1
    }

    @usableFromInline var description: String { String(describing: text) }

    /// Whether the `count` bytes from `offset` are this name's.
    @inlinable @inline(__always)
    func matches(_ bytes: Span<UInt8>, at offset: Int) -> Bool {
        guard offset &+ 8 <= bytes.count else { return bytes.matches(text, at: offset) }
        guard bytes.word(at: offset) & mask == head else { return false }
        if count <= 8 { return true }
        guard bytes.word(at: offset &+ count &- 8) == tail else { return false }
        return count <= 16 || bytes.matches(text, at: offset)
    }
}
