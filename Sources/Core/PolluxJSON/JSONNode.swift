/// One value of a parsed document: its place on the tape.
///
/// A node is a plain number. What it means is known only to the ``JSONDocument`` it came from.
public struct JSONNode: Sendable, Hashable {
    @usableFromInline let index: Int32

    @inlinable
    init(index: Int) { self.index = Int32(truncatingIfNeeded: index) }

    /// The value that the whole document is.
    @inlinable
    public static var root: JSONNode { JSONNode(index: 0) }
}

/// What a JSON value is.
public enum JSONKind: UInt8, Sendable, BitwiseCopyable {
    case null
    case `false`
    case `true`
    case number
    case string
    case array
    case object

    /// The word OpenAI's messages use: "expected a string, but got an array instead".
    public var description: String {
        switch self {
        case .null: "null"
        case .false, .true: "a boolean"
        case .number: "a number"
        case .string: "a string"
        case .array: "an array"
        case .object: "an object"
        }
    }
}

/// Where a value stands in the bytes, and where the tape goes on behind it.
///
///     tape of {"a":[1,true]}
///     0 object   bytes 0..<14   next 5
///     1 string   bytes 2..<3    next 2      (a key: its value is the entry behind it)
///     2 array    bytes 5..<13   next 5
///     3 number   bytes 6..<7    next 4
///     4 true     bytes 8..<12   next 5
@usableFromInline
struct JSONEntry: Sendable, BitwiseCopyable {
    /// First byte of the value; of a string, the byte behind its opening quote.
    @usableFromInline var offset: UInt32
    /// Bytes of the value; of a string, those between its quotes.
    @usableFromInline var length: UInt32
    /// Index of the first entry that is not part of this value.
    @usableFromInline var next: UInt32
    @usableFromInline var kind: JSONKind
    @usableFromInline var flags: UInt8
    /// Makes sixteen bytes of it, which are copied as one vector.
    private var filling: UInt16 = 0

    /// The string has at least one backslash.
    @usableFromInline static let escaped: UInt8 = 1
    /// The string has an escape that canonical JSON does without: `\\u…` or `\\/`.
    @usableFromInline static let needless: UInt8 = 2
    /// The array or object has no white space between its tokens and no needless escape: it may be copied as it is.
    @usableFromInline static let compact: UInt8 = 4
    /// The string is the name of a member.
    @usableFromInline static let key: UInt8 = 8

    @inlinable
    init(offset: Int, length: Int, next: Int, kind: JSONKind, flags: UInt8 = 0) {
        self.offset = UInt32(truncatingIfNeeded: offset)
        self.length = UInt32(truncatingIfNeeded: length)
        self.next = UInt32(truncatingIfNeeded: next)
        self.kind = kind
        self.flags = flags
    }
}
