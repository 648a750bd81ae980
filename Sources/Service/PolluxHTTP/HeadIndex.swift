/// Where the parts of a head are, counted from its first byte.
struct HeadIndex: Sendable {
    /// One header line.
    struct Field: Sendable {
        var nameStart: UInt16 = 0
        var nameCount: UInt16 = 0
        var valueStart: UInt16 = 0
        var valueCount: UInt16 = 0

        init() {}

        init(name: Range<Int>, value: Range<Int>) {
            nameStart = UInt16(name.lowerBound)
            nameCount = UInt16(name.count)
            valueStart = UInt16(value.lowerBound)
            valueCount = UInt16(value.count)
        }

        var name: Range<Int> { Int(nameStart)..<Int(nameStart) &+ Int(nameCount) }
        var value: Range<Int> { Int(valueStart)..<Int(valueStart) &+ Int(valueCount) }
    }

    /// Fields that need no memory of their own; the common clients send fewer than twenty, proxies add a few.
    static let inlineFields = 32

    var method = RequestMethod.other
    var methodCount: UInt16 = 0
    var targetStart: UInt16 = 0
    var targetEnd: UInt16 = 0
    /// Where path and query begin in the target; `targetEnd` when an absolute one has neither.
    var pathStart: UInt16 = 0
    var isVersion10 = false
    var keepsAlive = true
    var expectsContinue = false
    var body = RequestBodyLength.none
    private(set) var count = 0
    /// The marks of all names.
    private(set) var marks: UInt64 = 0

    private var fields = InlineArray<32, Field>(repeating: Field())
    private var others: [Field] = []

    subscript(index: Int) -> Field { index < Self.inlineFields ? fields[index] : others[index - Self.inlineFields] }

    /// The first field of a name, in the head's bytes.
    func first(_ name: FieldName, in bytes: Span<UInt8>) -> Field? {
        let inline = fields.span
        for position in 0..<min(count, Self.inlineFields) {
            let field = inline[position]
            if name.matches(bytes, at: Int(field.nameStart), count: Int(field.nameCount)) { return field }
        }
        return others.first { name.matches(bytes, at: Int($0.nameStart), count: Int($0.nameCount)) }
    }

    /// Calls `body` with the first field of each of these names, and the name's place among them.
    func find(_ names: FieldNames, in bytes: Span<UInt8>, _ body: (Int, Field) -> Void) {
        var seen: UInt64 = 0
        let inline = fields.span
        for position in 0..<count {
            let field = position < Self.inlineFields ? inline[position] : others[position - Self.inlineFields]
            let name = field.name
            let mark = FieldName.mark(count: name.count, last: bytes[name.upperBound &- 1])
            guard names.marks & mark != 0 else { continue }
            for place in names.names.indices where names.marksByName[place] == mark && seen >> UInt64(place) & 1 == 0 {
                guard names.names[place].matches(bytes, at: name.lowerBound, count: name.count) else { continue }
                seen |= 1 << UInt64(place)
                body(place, field)
            }
        }
    }

    /// Ready for the next head. What stands in the places of the fields beyond `count` is not looked at.
    mutating func removeAll() {
        method = .other
        methodCount = 0
        targetStart = 0
        targetEnd = 0
        pathStart = 0
        isVersion10 = false
        keepsAlive = true
        expectsContinue = false
        body = .none
        count = 0
        marks = 0
        others = []
    }

    mutating func append(_ field: Field, mark: UInt64) {
        marks |= mark
        if count < Self.inlineFields { fields[count] = field } else { others.append(field) }
        count += 1
    }
}

/// The methods that a gateway tells apart; names of methods are case-sensitive (RFC 9110 § 9.1).
public enum RequestMethod: Sendable, Hashable {
    case get
    case head
    case post
    case options
    case connect
    case other
}

/// How a request's body is delimited (RFC 9112 § 6.3).
public enum RequestBodyLength: Sendable, Hashable {
    /// No body.
    case none
    /// Bytes, as `content-length` says: up to 2^53, may be 0.
    case bytes(Int)
    case chunked
}
