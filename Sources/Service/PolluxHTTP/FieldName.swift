/// The name of a header, ready to be compared a word at a time, whatever the letters' case.
///
///     head.value("content-type")
///
/// - Shape: lower-case letters, digits and hyphens. For those, setting the bit `0x20` in a byte of a head gives the
///   name's byte only when they are the same letter, digit or hyphen: what else it could have been is a control
///   byte, and none gets into a name.
public struct FieldName: Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
    @usableFromInline let text: StaticString
    @usableFromInline let count: Int
    /// The first eight bytes, or all when there are fewer; the first one lowest.
    @usableFromInline let first: UInt64
    /// The bits of a word that `first` is compared with.
    @usableFromInline let mask: UInt64
    /// One bit, which few names share: a head without it has no field of this name.
    @usableFromInline let mark: UInt64

    @inlinable @inline(__always)
    public init(stringLiteral text: StaticString) {
        self.text = text
        count = text.utf8CodeUnitCount
        var first: UInt64 = 0
        for index in 0..<min(count, 8) { first |= UInt64(text.byte(index)) << UInt64(index &* 8) }
        self.first = first
        mask = count >= 8 ? .max : (1 << UInt64(count &* 8)) &- 1
        mark = Self.mark(count: count, last: count > 0 ? text.byte(count &- 1) : 0)
    }

    @inlinable @inline(__always)
    static func mark(count: Int, last: UInt8) -> UInt64 {
        1 &<< (UInt64(truncatingIfNeeded: count) &* 7 &+ UInt64(last | 0x20))
    }

    public var description: String { String(describing: text) }

    @usableFromInline static let caseBits: UInt64 = 0x2020_2020_2020_2020

    /// Whether the `count` bytes from `offset`, a name that was checked, are this one.
    @inlinable @inline(__always)
    func matches(_ bytes: Span<UInt8>, at offset: Int, count: Int) -> Bool {
        guard count == self.count else { return false }
        var index = 0
        if offset &+ 8 <= bytes.count {
            guard (bytes.word(at: offset) | Self.caseBits) & mask == first else { return false }
            index = 8
        }
        while index < count {
            guard bytes[offset &+ index] | 0x20 == text.byte(index) else { return false }
            index &+= 1
        }
        return true
    }
}

/// Names that are looked for together, in one pass over a head's fields.
public struct FieldNames: Sendable {
    let names: [FieldName]
    let marksByName: [UInt64]
    /// The marks of all of them: a field without one of these is none of them.
    let marks: UInt64

    /// - Parameter names: at most 64.
    public init(_ names: [FieldName]) {
        precondition(names.count <= UInt64.bitWidth)
        self.names = names
        marksByName = names.map(\.mark)
        marks = marksByName.reduce(0, |)
    }
}
