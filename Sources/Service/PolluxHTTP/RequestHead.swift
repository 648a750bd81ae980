public import NIOCore

/// The head of a request: its bytes, and where the parts are in them.
///
///     POST /v1/chat/completions HTTP/1.1\r\n
///     Host: localhost:8080\r\n
///     Content-Length: 42\r\n
///     \r\n
///
/// Every byte was checked when it was parsed. Texts are made when they are asked for; to keep a head keeps the
/// buffer that it came in.
public struct RequestHead: Sendable {
    /// The request line, the header lines and the empty line.
    public internal(set) var bytes = ByteBuffer()
    var index = HeadIndex()

    // MARK: Request line

    public var method: RequestMethod { index.method }

    /// The method as it was sent.
    public var methodText: String {
        switch method {
        case .post: "POST"
        case .get: "GET"
        default: text(0..<Int(index.methodCount))
        }
    }

    /// Path and query. Those of an absolute target stand without scheme and host, of which nothing depends
    /// (RFC 9112 § 3.2.2); the target of `CONNECT` is host and port, that of `OPTIONS` may be `*`.
    public var target: String {
        let target = text(targetRange)
        if index.pathStart == index.targetEnd { return method == .options ? "*" : "/" }
        return target.utf8.first == UInt8(ascii: "?") ? "/" + target : target
    }

    /// Whether ``target`` is this, to the byte; for an absolute one without a path, compare ``target`` itself.
    public func isTarget(_ expected: StaticString) -> Bool {
        isSame(targetRange, expected)
    }

    /// The target as it was sent.
    public var sentTarget: String { text(Int(index.targetStart)..<Int(index.targetEnd)) }

    /// An HTTP/1.0 client: it knows no chunks.
    public var isVersion10: Bool { index.isVersion10 }

    // MARK: What the fields say

    public var body: RequestBodyLength { index.body }

    /// Whether the connection may serve another request (RFC 9112 § 9.3).
    public var keepsAlive: Bool { index.keepsAlive }

    /// Whether the client waits for `100 Continue` before it sends its body (RFC 9110 § 10.1.1).
    public var expectsContinue: Bool { index.expectsContinue }

    // MARK: Fields

    public var fieldCount: Int { index.count }

    /// A field's name in lower case.
    public func name(at position: Int) -> String { text(index[position].name).lowercased() }

    /// A field's value, without the white space around it; what is not UTF-8 is replaced.
    public func value(at position: Int) -> String { text(index[position].value) }

    /// The value of the first field of this name.
    public func value(_ name: FieldName) -> String? {
        firstField(name).map { text($0.value) }
    }

    /// Tells which of these names the head has, by their places, each with the value of its first field.
    public func forEachValue(of names: FieldNames, _ use: (_ name: Int, _ value: Span<UInt8>) -> Void) {
        guard index.marks & names.marks != 0 else { return }
        let span = bytes.readableBytesUInt8Span
        index.find(names, in: span) { name, field in use(name, span.extracting(field.value)) }
    }

    public func contains(_ name: FieldName) -> Bool { firstField(name) != nil }

    /// Whether the first field of this name has this value, to the byte.
    public func has(_ name: FieldName, value expected: StaticString) -> Bool {
        firstField(name).map { isSame($0.value, expected) } ?? false
    }

    /// The values of all fields of a name that is known only when the program runs.
    public func values(named name: String) -> [String] {
        let span = bytes.readableBytesUInt8Span
        var result: [String] = []
        for position in 0..<index.count {
            let range = index[position].name
            guard range.count == name.utf8.count else { continue }
            var at = range.lowerBound
            var isSame = true
            for byte in name.utf8 {
                if ASCII.lowercased(byte) != ASCII.lowercased(span[at]) { isSame = false }
                at += 1
            }
            if isSame { result.append(value(at: position)) }
        }
        return result
    }

    private var targetRange: Range<Int> { Int(index.pathStart)..<Int(index.targetEnd) }

    private func firstField(_ name: FieldName) -> HeadIndex.Field? {
        guard index.marks & name.mark != 0 else { return nil }
        return index.first(name, in: bytes.readableBytesUInt8Span)
    }

    private func isSame(_ range: Range<Int>, _ expected: StaticString) -> Bool {
        guard range.count == expected.utf8CodeUnitCount else { return false }
        return bytes.readableBytesUInt8Span.has(expected, at: range.lowerBound)
    }

    private func text(_ range: Range<Int>) -> String {
        bytes.getString(at: bytes.readerIndex + range.lowerBound, length: range.count) ?? ""
    }
}
