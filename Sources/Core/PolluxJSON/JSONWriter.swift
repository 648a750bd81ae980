/// Writes one JSON value, compact, into a ``ByteOutput``.
///
/// Commas come by themselves: every value and key looks at the byte before it. Long strings of a
/// document that is being translated need not be copied at all: they are noted as a ``Splice``, and
/// whoever sends the bytes puts the source's own bytes there.
public struct JSONWriter: ~Copyable {
    /// Bytes of the source that belong at a place of the output.
    public struct Splice: Sendable, Equatable {
        /// Bytes of ``output`` that come before.
        public var position: Int
        /// Which bytes of the source follow.
        public var source: Range<Int>
    }

    public var output: ByteOutput
    public private(set) var splices: [Splice] = []
    /// Strings of the source from this length on are spliced and not copied.
    public var spliceThreshold = Int.max

    public init(minimumCapacity: Int = 1024) {
        output = ByteOutput(minimumCapacity: minimumCapacity)
    }

    /// Bytes that will be sent: those written, and those spliced in.
    public var totalCount: Int {
        var count = output.count
        for splice in splices { count += splice.source.count }
        return count
    }

    public mutating func removeAll() {
        output.removeAll()
        splices.removeAll(keepingCapacity: true)
    }

    // MARK: Structure

    /// Writes the comma that belongs before the next value or key, if one does.
    @inlinable @inline(__always)
    public mutating func separate() {
        if output.needsComma { output.append(UInt8(ascii: ",")) }
    }

    @inlinable
    public mutating func beginObject() {
        separate()
        output.append(UInt8(ascii: "{"))
    }

    @inlinable
    public mutating func endObject() { output.append(UInt8(ascii: "}")) }

    @inlinable
    public mutating func beginArray() {
        separate()
        output.append(UInt8(ascii: "["))
    }

    @inlinable
    public mutating func endArray() { output.append(UInt8(ascii: "]")) }

    /// Writes a member's name, which must need no escape.
    @inlinable @inline(__always)
    public mutating func key(_ name: StaticString) { output.appendKey(name) }

    public mutating func key(text name: String) {
        string(text: name)
        output.append(UInt8(ascii: ":"))
    }

    // MARK: Values

    @inlinable
    public mutating func null() {
        separate()
        output.append("null" as StaticString)
    }

    @inlinable
    public mutating func boolean(_ value: Bool) {
        separate()
        output.append(value ? "true" : "false" as StaticString)
    }

    public mutating func integer(_ value: Int) {
        separate()
        output.append(value)
    }

    /// Writes a string that needs no escape.
    @inlinable
    public mutating func string(_ text: StaticString) {
        separate()
        output.append(UInt8(ascii: "\""))
        output.append(text)
        output.append(UInt8(ascii: "\""))
    }

    /// Writes a string, escaped where it must be.
    public mutating func string(text: String) {
        beginString()
        fragment(text: text)
        endString()
    }

    /// Writes UTF-8 as a string, escaped where it must be.
    public mutating func string(utf8 text: Span<UInt8>) {
        beginString()
        fragment(utf8: text)
        endString()
    }

    /// Writes JSON that is already compact, or the beginning of some.
    @inlinable @inline(__always)
    public mutating func raw(_ json: StaticString) {
        separate()
        output.append(json)
    }

    public mutating func raw(_ json: Span<UInt8>) {
        separate()
        output.append(json)
    }

    // MARK: Strings in pieces

    @inlinable
    public mutating func beginString() {
        separate()
        output.append(UInt8(ascii: "\""))
    }

    @inlinable
    public mutating func endString() { output.append(UInt8(ascii: "\"")) }

    /// Adds text to the open string, escaped where it must be.
    public mutating func fragment(text: String) {
        fragment(utf8: text.utf8Span.span)
    }

    /// Adds UTF-8 to the open string, escaped where it must be.
    public mutating func fragment(utf8 text: Span<UInt8>) { output.append(escaping: text) }

    /// Adds the content of a source string to the open string, escaped as it stands.
    @inlinable
    public mutating func fragment(copying node: JSONNode, of json: borrowing JSONDocument) {
        if !json.isCanonical(node) { return fragment(canonical: node, of: json) }
        let range = json.range(node)
        if range.count >= spliceThreshold {
            splice(range)
        } else {
            output.append(json.raw(node))
        }
    }

    /// The same for a string with needless escapes (GEN-004). A lone surrogate stays as it is written.
    @usableFromInline
    mutating func fragment(canonical node: JSONNode, of json: borrowing JSONDocument) {
        let range = json.range(node)
        var at = range.lowerBound
        while at < range.upperBound {
            let next = json.bytes.indexOfEscapable(from: at)  // The closing quote at the latest.
            if next > at { output.append(json.bytes.extracting(at..<next)) }
            guard next < range.upperBound else { return }
            at = appendCanonicalEscape(of: json.bytes, at: next)
        }
    }

    private mutating func appendCanonicalEscape(of raw: Span<UInt8>, at offset: Int) -> Int {
        switch raw[offset + 1] {
        case UInt8(ascii: "/"):
            output.append(UInt8(ascii: "/"))
            return offset + 2
        case UInt8(ascii: "u"):
            let (scalar, end) = raw.scalar(atEscape: offset)
            guard let scalar else {
                output.append(raw.extracting(offset..<end))
                return end
            }
            if scalar.value < 0x20 || scalar == "\"" || scalar == "\\" {
                output.append(escape: UInt8(truncatingIfNeeded: scalar.value))
            } else if let encoded = UTF8.encode(scalar) {
                for byte in encoded { output.append(byte) }
            }
            return end
        default:
            output.append(raw.extracting(offset..<offset + 2))
            return offset + 2
        }
    }

    @usableFromInline
    mutating func splice(_ source: Range<Int>) {
        splices.append(Splice(position: output.count, source: source))
    }

    mutating func removeSplices(behind count: Int) {
        splices.removeAll { $0.position > count }
    }
}
