/// One pass over the bytes of a document, by which the tape is written.
///
/// The parser keeps its own stack, so that nesting costs memory that is counted and not the
/// thread's stack.
struct JSONParser: ~Copyable {
    var entries = JSONEntries()
    private let limits: JSONLimits
    /// The container that is open, -1 for none. While one is open its `next` names the one around it.
    private var open = -1
    private var openIsObject = false
    private var depth = 0

    init(limits: JSONLimits) { self.limits = limits }

    private enum State { case value, firstMember, key, afterValue, firstElement }

    /// - Returns: what is wrong, or `nil`.
    mutating func parseDocument(_ bytes: Span<UInt8>) -> JSONError? {
        do throws(JSONError) {
            try parse(bytes)
            return nil
        } catch {
            return error
        }
    }

    private mutating func parse(_ bytes: Span<UInt8>) throws(JSONError) {
        let count = bytes.count
        var at = 0
        if count >= 3, bytes[0] == 0xEF, bytes[1] == 0xBB, bytes[2] == 0xBF { at = 3 }
        var state = State.value
        parsing: while true {
            while at < count, isWhitespace(bytes[at]) { at += 1 }
            guard at < count else { throw JSONError(.unexpectedEnd, at: at) }
            let byte = bytes[at]
            switch state {
            case .firstElement where byte == UInt8(ascii: "]"),
                .firstMember where byte == UInt8(ascii: "}"):
                at += 1
                close(at: at)
                state = .afterValue
            case .firstMember, .key:
                guard byte == UInt8(ascii: "\"") else { throw JSONError(.unexpectedByte, at: at) }
                at = try string(bytes, at: at)
                while at < count, isWhitespace(bytes[at]) { at += 1 }
                guard at < count else { throw JSONError(.unexpectedEnd, at: at) }
                guard bytes[at] == UInt8(ascii: ":") else { throw JSONError(.unexpectedByte, at: at) }
                at += 1
                state = .value
                continue parsing
            case .firstElement, .value:
                switch byte {
                case UInt8(ascii: "\""):
                    at = try string(bytes, at: at)
                    state = .afterValue
                case UInt8(ascii: "{"):
                    try openContainer(.object, at: at)
                    at += 1
                    state = .firstMember
                case UInt8(ascii: "["):
                    try openContainer(.array, at: at)
                    at += 1
                    state = .firstElement
                case UInt8(ascii: "t"):
                    at = try word("true", .true, bytes, at: at)
                    state = .afterValue
                case UInt8(ascii: "f"):
                    at = try word("false", .false, bytes, at: at)
                    state = .afterValue
                case UInt8(ascii: "n"):
                    at = try word("null", .null, bytes, at: at)
                    state = .afterValue
                default:
                    at = try number(bytes, at: at)
                    state = .afterValue
                }
            case .afterValue:
                guard open >= 0 else { throw JSONError(.bytesBehindValue, at: at) }
                if byte == UInt8(ascii: ",") {
                    state = openIsObject ? .key : .value
                } else if byte == (openIsObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) {
                    close(at: at + 1)
                } else {
                    throw JSONError(.unexpectedByte, at: at)
                }
                at += 1
            }
            if state == .afterValue, open < 0 { break }
        }
        while at < count {
            guard isWhitespace(bytes[at]) else { throw JSONError(.bytesBehindValue, at: at) }
            at += 1
        }
    }

    @inline(__always)
    private func isWhitespace(_ byte: UInt8) -> Bool {
        byte <= 0x20 && (byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09)
    }

    // MARK: Containers

    @inline(__always)
    private mutating func openContainer(_ kind: JSONKind, at offset: Int) throws(JSONError) {
        guard depth < limits.maximumDepth else { throw JSONError(.tooDeep, at: offset) }
        depth &+= 1
        let index = entries.count
        try append(JSONEntry(offset: offset, length: 0, next: open, kind: kind))
        open = index
        openIsObject = kind == .object
    }

    @inline(__always)
    private mutating func close(at end: Int) {
        depth &-= 1
        open = entries.close(open, at: end)
        openIsObject = open >= 0 && entries[open].kind == .object
    }

    @inline(__always)
    private mutating func append(_ entry: JSONEntry) throws(JSONError) {
        guard entries.count < limits.maximumValues else { throw JSONError(.tooManyValues, at: Int(entry.offset)) }
        entries.append(entry)
    }

    // MARK: Words and numbers

    private mutating func word(
        _ word: StaticString, _ kind: JSONKind, _ bytes: Span<UInt8>, at offset: Int
    ) throws(JSONError) -> Int {
        let length = word.utf8CodeUnitCount
        guard offset + length <= bytes.count else { throw JSONError(.unexpectedEnd, at: bytes.count) }
        guard bytes.matches(word, at: offset) else { throw JSONError(.unexpectedByte, at: offset) }
        try append(JSONEntry(offset: offset, length: length, next: entries.count + 1, kind: kind))
        return offset + length
    }

    private mutating func number(_ bytes: Span<UInt8>, at offset: Int) throws(JSONError) -> Int {
        let count = bytes.count
        var at = offset
        if bytes[at] == UInt8(ascii: "-") { at += 1 }
        guard at < count else { throw JSONError(.unexpectedEnd, at: at) }
        let whole = at
        at = digits(bytes, at: at)
        guard at > whole else {
            throw JSONError(whole == offset ? .unexpectedByte : .invalidNumber, at: at)
        }
        if at - whole > 1, bytes[whole] == UInt8(ascii: "0") { throw JSONError(.invalidNumber, at: whole) }
        if at < count, bytes[at] == UInt8(ascii: ".") {
            let fraction = at + 1
            at = digits(bytes, at: fraction)
            guard at > fraction else { throw JSONError(.invalidNumber, at: at) }
        }
        if at < count, bytes[at] | 0x20 == UInt8(ascii: "e") {
            at += 1
            if at < count, bytes[at] == UInt8(ascii: "+") || bytes[at] == UInt8(ascii: "-") { at += 1 }
            let exponent = at
            at = digits(bytes, at: exponent)
            guard at > exponent else { throw JSONError(.invalidNumber, at: at) }
        }
        try append(
            JSONEntry(offset: offset, length: at - offset, next: entries.count + 1, kind: .number)
        )
        return at
    }

    private func digits(_ bytes: Span<UInt8>, at offset: Int) -> Int {
        var at = offset
        while at < bytes.count, bytes[at] &- UInt8(ascii: "0") < 10 { at += 1 }
        return at
    }

    // MARK: Strings

    /// Reads the string whose opening quote stands at `offset`; gives the place behind its closing quote.
    @inline(__always)
    private mutating func string(_ bytes: Span<UInt8>, at offset: Int) throws(JSONError) -> Int {
        let start = offset + 1
        var at = start
        var flags: UInt8 = 0
        while true {
            at = bytes.indexOfSpecial(from: at)
            guard at < bytes.count else { throw JSONError(.unexpectedEnd, at: at) }
            let byte = bytes[at]
            if byte == UInt8(ascii: "\"") {
                try append(
                    JSONEntry(
                        offset: start, length: at - start, next: entries.count + 1, kind: .string, flags: flags
                    )
                )
                return at + 1
            } else if byte == UInt8(ascii: "\\") {
                flags |= JSONEntry.escaped
                if at + 1 < bytes.count, bytes[at + 1] == UInt8(ascii: "u") || bytes[at + 1] == UInt8(ascii: "/") {
                    flags |= JSONEntry.needless
                }
                at = try escape(bytes, at: at)
            } else if byte >= 0x80 {
                flags |= JSONEntry.nonASCII
                at = try bytes.skipUTF8(from: at)
            } else {
                throw JSONError(.controlCharacter, at: at)
            }
        }
    }

    /// Checks the escape that begins at `offset`; gives the place behind it.
    private func escape(_ bytes: Span<UInt8>, at offset: Int) throws(JSONError) -> Int {
        guard offset + 1 < bytes.count else { throw JSONError(.unexpectedEnd, at: bytes.count) }
        switch bytes[offset + 1] {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            return offset + 2
        case UInt8(ascii: "u"):
            guard let unit = bytes.hexadecimal4(at: offset + 2) else { throw JSONError(.invalidEscape, at: offset) }
            if limits.acceptsLoneSurrogates || unit & 0xF800 != 0xD800 { return offset + 6 }
            guard unit < 0xDC00, offset + 7 < bytes.count, bytes[offset + 6] == UInt8(ascii: "\\"),
                bytes[offset + 7] == UInt8(ascii: "u"), let low = bytes.hexadecimal4(at: offset + 8),
                low & 0xFC00 == 0xDC00
            else { throw JSONError(.loneSurrogate, at: offset) }
            return offset + 12
        default:
            throw JSONError(.invalidEscape, at: offset)
        }
    }
}
