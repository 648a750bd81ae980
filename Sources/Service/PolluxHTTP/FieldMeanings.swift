/// What the fields of a head say of its framing: host, length, coding, connection, expectation.
struct FieldMeanings {
    /// `transfer-encoding`, over all its lines (RFC 9112 § 6.1).
    private enum Coding {
        case absent
        /// `chunked`, and only that.
        case chunked
        /// `chunked` at the end, behind codings that we do not understand.
        case unknownThenChunked
        /// Something that may go on with `chunked` in the next line.
        case unknown
    }

    private var hosts = 0
    private var length: Int?
    private var coding = Coding.absent
    private var closes = false
    private var keepsAlive = false
    private var expectsContinue = false

    mutating func read(_ bytes: Span<UInt8>, _ field: HeadIndex.Field) throws(RequestError) {
        let value = field.value
        switch field.nameCount {
        case 4 where isNamed("host", bytes, field): try readHost(bytes, value)
        case 6 where isNamed("expect", bytes, field):
            if isWord("100-continue", bytes, value) { expectsContinue = true }
        case 10 where isNamed("connection", bytes, field): readConnection(bytes, value)
        case 14 where isNamed("content-length", bytes, field): try readLength(bytes, value)
        case 17 where isNamed("transfer-encoding", bytes, field): try readCoding(bytes, value)
        default: break
        }
    }

    /// Decides, with all fields read.
    func apply(to index: inout HeadIndex) throws(RequestError) {
        guard hosts == 1 || index.isVersion10 else { throw .missingHost }
        index.keepsAlive = !closes && (keepsAlive || !index.isVersion10)
        switch coding {
        case .absent: index.body = length.map { .bytes($0) } ?? .none
        case .chunked:
            guard length == nil else { throw .ambiguousLength }
            // A 1.0 client knows no chunks: someone on the way has it wrong (RFC 9112 § 6.1).
            guard !index.isVersion10 else { throw .malformedTransferEncoding }
            index.body = .chunked
        case .unknownThenChunked: throw .unknownTransferCoding
        case .unknown: throw .malformedTransferEncoding
        }
        index.expectsContinue = expectsContinue && !index.isVersion10 && index.body != .none && index.body != .bytes(0)
    }

    // MARK: Fields

    /// One line at most, in every version; it may be empty (RFC 9112 § 3.2).
    private mutating func readHost(_ bytes: Span<UInt8>, _ value: Range<Int>) throws(RequestError) {
        hosts += 1
        guard hosts == 1 else { throw .malformedHost }
        for at in value where !ASCII.host.contains(bytes[at]) { throw .malformedHost }
    }

    /// One line of digits; lists and repetitions are refused, equal ones as well (RFC 9112 § 6.3).
    private mutating func readLength(_ bytes: Span<UInt8>, _ value: Range<Int>) throws(RequestError) {
        guard length == nil, let number = Self.length(bytes, value) else { throw .malformedContentLength }
        length = number
    }

    /// The number that `content-length` says; `nil` where it is none, or too large.
    static func length(_ bytes: Span<UInt8>, _ value: Range<Int>) -> Int? {
        guard (1...16).contains(value.count) else { return nil }
        var number = 0
        for at in value {
            guard let digit = ASCII.digit(bytes[at]) else { return nil }
            number = number &* 10 &+ digit
        }
        return number <= RequestLimits.maximumLength ? number : nil
    }

    /// Codings, in the order in which they were applied.
    private mutating func readCoding(_ bytes: Span<UInt8>, _ value: Range<Int>) throws(RequestError) {
        // An empty item is no coding; the one behind a last comma is not seen below.
        guard let last = value.last, bytes[last] != UInt8(ascii: ",") else { throw .malformedTransferEncoding }
        // A tab behind the coding is white space to us, and a part of it to others.
        var behind = value.upperBound
        while behind < bytes.count, ASCII.isBlank(bytes[behind]) {
            guard bytes[behind] != ASCII.tab else { throw .malformedTransferEncoding }
            behind &+= 1
        }
        var rest = value
        repeat {
            let item = nextItem(bytes, &rest)
            guard !item.isEmpty else { throw .malformedTransferEncoding }
            let isChunked = isWord("chunked", bytes, item)
            switch coding {
            // Nothing comes behind `chunked`, and not a second one.
            case .chunked, .unknownThenChunked: throw .malformedTransferEncoding
            case .absent: coding = isChunked ? .chunked : .unknown
            case .unknown: coding = isChunked ? .unknownThenChunked : .unknown
            }
        } while !rest.isEmpty
    }

    private mutating func readConnection(_ bytes: Span<UInt8>, _ value: Range<Int>) {
        var rest = value
        repeat {
            let item = nextItem(bytes, &rest)
            if isWord("close", bytes, item) { closes = true }
            if isWord("keep-alive", bytes, item) { keepsAlive = true }
        } while !rest.isEmpty
    }

    // MARK: Words

    /// Cuts the next item off a list, without the comma and the blanks around it.
    private func nextItem(_ bytes: Span<UInt8>, _ rest: inout Range<Int>) -> Range<Int> {
        var comma = rest.lowerBound
        while comma < rest.upperBound, bytes[comma] != UInt8(ascii: ",") { comma &+= 1 }
        var start = rest.lowerBound
        var end = comma
        while start < end, ASCII.isBlank(bytes[start]) { start &+= 1 }
        while end > start, ASCII.isBlank(bytes[end &- 1]) { end &-= 1 }
        rest = min(comma &+ 1, rest.upperBound)..<rest.upperBound
        return start..<end
    }

    private func isNamed(_ name: FieldName, _ bytes: Span<UInt8>, _ field: HeadIndex.Field) -> Bool {
        name.matches(bytes, at: Int(field.nameStart), count: Int(field.nameCount))
    }

    private func isWord(_ word: StaticString, _ bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
        range.count == word.utf8CodeUnitCount && bytes.has(word, at: range.lowerBound, ignoringCase: true)
    }
}
