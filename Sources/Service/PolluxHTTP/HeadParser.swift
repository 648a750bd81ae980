/// Finds the lines of a head, each byte once, however the bytes come.
///
///     method SP target SP HTTP/1.1 CRLF
///     name: OWS value OWS CRLF
///     CRLF
///
/// Strict where RFC 9112 allows a choice: lines end in CRLF, single spaces stand in the request line, nothing is
/// folded. What two readers could understand differently is refused.
/// - Limit: looks at ``RequestLimits/headBytes`` at most.
struct HeadParser {
    private let limits: RequestLimits
    private var fields = FieldMeanings()
    /// Where the line begins that is being read.
    private var lineStart = 0
    /// Up to where that line has been looked at.
    private var scanned = 0

    init(limits: RequestLimits) { self.limits = limits }

    /// Goes on with a head.
    ///
    /// - Parameters:
    ///   - bytes: the head's bytes so far, from its first one.
    ///   - index: what was found in them; empty at the beginning.
    /// - Returns: how long the head is; `nil` when its end has not come.
    mutating func parse(_ bytes: Span<UInt8>, into index: inout HeadIndex) throws(RequestError) -> Int? {
        let bytes = bytes.extracting(first: limits.headBytes)
        while true {
            let end = ASCII.firstControl(bytes, from: scanned)
            scanned = end
            guard end < bytes.count else { return try incomplete(bytes) }
            guard bytes[end] == ASCII.carriageReturn else {
                throw bytes[end] == ASCII.lineFeed ? .bareLineFeed : .controlByte
            }
            guard end &+ 1 < bytes.count else { return try incomplete(bytes) }
            guard bytes[end &+ 1] == ASCII.lineFeed else { throw .bareCarriageReturn }
            let line = lineStart..<end
            lineStart = end &+ 2
            scanned = lineStart
            if line.lowerBound == 0 {
                try readRequestLine(bytes, line, into: &index)
            } else if !line.isEmpty {
                try readField(bytes, line, into: &index)
            } else {
                try fields.apply(to: &index)
                return lineStart
            }
        }
    }

    private func incomplete(_ bytes: Span<UInt8>) throws(RequestError) -> Int? {
        guard bytes.count < limits.headBytes else { throw lineStart == 0 ? .targetTooLong : .headTooLarge }
        return nil
    }

    // MARK: Header lines (RFC 9112 § 5)

    private mutating func readField(
        _ bytes: Span<UInt8>, _ line: Range<Int>, into index: inout HeadIndex
    ) throws(RequestError) {
        guard index.count < limits.fields else { throw .tooManyFields }
        if ASCII.isBlank(bytes[line.lowerBound]) { throw .foldedField }
        // Ends in the line: the carriage return behind it is in no token.
        let colon = ASCII.endOfToken(bytes, from: line.lowerBound)
        guard colon > line.lowerBound, colon < line.upperBound, bytes[colon] == UInt8(ascii: ":") else {
            throw .malformedField
        }
        var start = colon &+ 1
        var end = line.upperBound
        while start < end, ASCII.isBlank(bytes[start]) { start &+= 1 }
        while end > start, ASCII.isBlank(bytes[end &- 1]) { end &-= 1 }
        let field = HeadIndex.Field(name: line.lowerBound..<colon, value: start..<end)
        index.append(field, mark: FieldName.mark(count: field.name.count, last: bytes[colon &- 1]))
        try fields.read(bytes, field)
    }

    // MARK: Request line (RFC 9112 § 3)

    private func readRequestLine(
        _ bytes: Span<UInt8>, _ line: Range<Int>, into index: inout HeadIndex
    ) throws(RequestError) {
        let end = ASCII.endOfToken(bytes, from: line.lowerBound)
        // The shortest: a method, a space, a target of one byte, ` HTTP/1.1`.
        guard end > line.lowerBound, end &+ 11 <= line.upperBound, bytes[end] == ASCII.space else {
            throw .malformedRequestLine
        }
        let version = line.upperBound &- 9
        index.isVersion10 = try isVersion10(bytes, at: version)
        index.methodCount = UInt16(end)
        index.method = try method(bytes.extracting(0..<end))
        try readTarget(bytes, end &+ 1..<version, into: &index)
    }

    /// ` HTTP/1.1` or ` HTTP/1.0`: there is no other 1.x, and other readers refuse what claims to be one.
    private func isVersion10(_ bytes: Span<UInt8>, at start: Int) throws(RequestError) -> Bool {
        guard bytes.has(" HTTP/", at: start), bytes[start &+ 7] == UInt8(ascii: "."),
            let major = ASCII.digit(bytes[start &+ 6]), let minor = ASCII.digit(bytes[start &+ 8])
        else { throw .malformedRequestLine }
        guard major == 1, minor <= 1 else { throw .unsupportedVersion }
        return minor == 0
    }

    /// One of the methods of RFC 9110 § 9.3, or `PATCH`. Any other token is refused: the end of a body that two readers
    /// see in different places makes one of the method behind it, `helloGET`.
    private func method(_ name: Span<UInt8>) throws(RequestError) -> RequestMethod {
        switch name.count {
        case 3 where name.has("GET", at: 0): .get
        case 4 where name.has("POST", at: 0): .post
        case 4 where name.has("HEAD", at: 0): .head
        case 7 where name.has("OPTIONS", at: 0): .options
        case 7 where name.has("CONNECT", at: 0): .connect
        case 3 where name.has("PUT", at: 0): .other
        case 5 where name.has("PATCH", at: 0) || name.has("TRACE", at: 0): .other
        case 6 where name.has("DELETE", at: 0): .other
        default: throw .unknownMethod
        }
    }

    /// Path and query, or an absolute `http` address; `CONNECT` and `OPTIONS` have forms of their own.
    private func readTarget(
        _ bytes: Span<UInt8>, _ target: Range<Int>, into index: inout HeadIndex
    ) throws(RequestError) {
        for at in target {
            let byte = bytes[at]
            // Visible ASCII, without the fragment that no form of a target has.
            guard byte > ASCII.space, byte < ASCII.delete, byte != UInt8(ascii: "#") else { throw .malformedTarget }
        }
        var path = target.lowerBound
        if index.method != .connect, bytes[path] != UInt8(ascii: "/") {
            let isAsterisk = target.count == 1 && bytes[path] == UInt8(ascii: "*")
            if !isAsterisk || index.method != .options { path = try pathOfAddress(bytes, target) }
        }
        index.targetStart = UInt16(target.lowerBound)
        index.targetEnd = UInt16(target.upperBound)
        index.pathStart = UInt16(path)
    }

    /// Where the path begins behind `http://host`; an empty host and a user's name are refused (RFC 9110 § 4.2).
    private func pathOfAddress(_ bytes: Span<UInt8>, _ target: Range<Int>) throws(RequestError) -> Int {
        var host = target.lowerBound
        if bytes.has("http://", at: host, ignoringCase: true) {
            host += 7
        } else if bytes.has("https://", at: host, ignoringCase: true) {
            host += 8
        } else {
            throw .malformedTarget
        }
        var end = host
        while end < target.upperBound, bytes[end] != UInt8(ascii: "/"), bytes[end] != UInt8(ascii: "?") {
            guard ASCII.host.contains(bytes[end]) else { throw .malformedTarget }
            end += 1
        }
        guard end > host, bytes[host] != UInt8(ascii: ":") else { throw .malformedTarget }
        return end
    }
}
