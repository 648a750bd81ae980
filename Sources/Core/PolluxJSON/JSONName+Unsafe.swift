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
        head = unsafe Self.head(text.utf8Start, count)
        tail = unsafe count > 8 ? Self.load(text.utf8Start, count &- 8) : 0
        mask = count >= 8 ? .max : (1 &<< UInt64(truncatingIfNeeded: count &* 8)) &- 1
    }

    /// The first eight bytes; of fewer, all, by pieces that overlap.
    @unsafe @inlinable @inline(__always)
    static func head(_ start: UnsafePointer<UInt8>, _ count: Int) -> UInt64 {
        if count >= 8 { return unsafe load(start, 0) }
        let bits = UInt64(truncatingIfNeeded: (count &- 1) &* 8)
        if count >= 4 {
            let first = unsafe UInt32(littleEndian: UnsafeRawPointer(start).loadUnaligned(as: UInt32.self))
            let last = unsafe UInt32(
                littleEndian: UnsafeRawPointer(start).loadUnaligned(fromByteOffset: count &- 4, as: UInt32.self))
            return UInt64(first) | UInt64(last) &<< (bits &- 24)
        }
        guard count > 0 else { return 0 }
        let middle = count &>> 1
        return unsafe UInt64(start[0]) | UInt64(start[middle]) &<< UInt64(truncatingIfNeeded: middle &* 8)
            | UInt64(start[count &- 1]) &<< bits
    }

    @unsafe @inlinable @inline(__always)
    static func load(_ start: UnsafePointer<UInt8>, _ offset: Int) -> UInt64 {
        unsafe UInt64(
            littleEndian: UnsafeRawPointer(start).loadUnaligned(fromByteOffset: offset, as: UInt64.self))
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
