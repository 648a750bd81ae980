/// One pass over the bytes of a document, by which the tape is written.
///
/// The way goes from value to value; what may follow is known from where we are, so there is no table of states.
/// Containers are kept on the tape itself, so that nesting costs memory that is counted and not the thread's stack.
struct JSONParser: ~Copyable {
    private var entries: JSONEntries.Writer
    private let limits: JSONLimits
    /// The container that is open, -1 for none. While one is open its `next` names the one around it.
    private var open = -1
    private var openIsObject = false
    private var depth = 0
    /// White space and needless escapes so far: a container without any is copied as it stands.
    private var flaws: UInt32 = 0

    /// Fills `entries` from `bytes`.
    ///
    /// - Returns: what is wrong, or `nil`.
    static func parse(_ bytes: Span<UInt8>, into entries: inout JSONEntries, limits: JSONLimits) -> JSONError? {
        var parser = JSONParser(entries: entries.lend(maximum: limits.maximumValues), limits: limits)
        var failure: JSONError?
        do throws(JSONError) { try parser.parse(bytes) } catch { failure = error }
        entries.take(parser.entries)
        return failure
    }

    private init(entries: JSONEntries.Writer, limits: JSONLimits) {
        self.entries = entries
        self.limits = limits
    }

    @inline(__always)
    private mutating func parse(_ bytes: Span<UInt8>) throws(JSONError) {
        let count = bytes.count
        var at = 0
        if count >= 3, bytes[0] == 0xEF, bytes[1] == 0xBB, bytes[2] == 0xBF { at = 3 }
        values: while true {
            switch try significant(bytes, &at) {
            case UInt8(ascii: "\""): at = try string(bytes, at: at)
            case UInt8(ascii: "{"):
                try openContainer(.object, at: at)
                at &+= 1
                if try significant(bytes, &at) != UInt8(ascii: "}") {
                    try key(bytes, &at)
                    continue values
                }
                at &+= 1
                close(at: at)
            case UInt8(ascii: "["):
                try openContainer(.array, at: at)
                at &+= 1
                if try significant(bytes, &at) != UInt8(ascii: "]") { continue values }
                at &+= 1
                close(at: at)
            case UInt8(ascii: "t"): at = try word("true", .true, bytes, at: at)
            case UInt8(ascii: "f"): at = try word("false", .false, bytes, at: at)
            case UInt8(ascii: "n"): at = try word("null", .null, bytes, at: at)
            default: at = try number(bytes, at: at)
            }
            while open >= 0 {
                let byte = try significant(bytes, &at)
                if byte == UInt8(ascii: ",") {
                    at &+= 1
                    if openIsObject {
                        _ = try significant(bytes, &at)
                        try key(bytes, &at)
                    }
                    continue values
                }
                guard byte == (openIsObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) else {
                    throw JSONError(.unexpectedByte, at: at)
                }
                at &+= 1
                close(at: at)
            }
            break
        }
        skipWhitespace(bytes, &at)
        guard at == count else { throw JSONError(.bytesBehindValue, at: at) }
    }

    // MARK: White space

    /// The next byte that is not white space; `at` is moved to it.
    @inline(__always)
    private mutating func significant(_ bytes: Span<UInt8>, _ at: inout Int) throws(JSONError) -> UInt8 {
        if at < bytes.count {
            let byte = bytes.byte(at: at)
            if byte > 0x20 { return byte }
            skipWhitespace(bytes, &at)
        }
        guard at < bytes.count else { throw JSONError(.unexpectedEnd, at: at) }
        return bytes.byte(at: at)
    }

    @inline(__always)
    private mutating func skipWhitespace(_ bytes: Span<UInt8>, _ at: inout Int) {
        let start = at
        while at < bytes.count {
            let byte = bytes.byte(at: at)
            guard byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { break }
            at &+= 1
        }
        if at != start { flaws &+= 1 }
    }

    // MARK: Containers

    @inline(__always)
    private mutating func openContainer(_ kind: JSONKind, at offset: Int) throws(JSONError) {
        guard depth < limits.maximumDepth else { throw JSONError(.tooDeep, at: offset) }
        depth &+= 1
        let index = entries.count
        try append(JSONEntry(offset: offset, length: Int(flaws), next: open, kind: kind))
        open = index
        openIsObject = kind == .object
    }

    @inline(__always)
    private mutating func close(at end: Int) {
        depth &-= 1
        open = entries.close(open, at: end, flaws: flaws)
        openIsObject = entries.isObject(open)
    }

    @inline(__always)
    private mutating func append(_ entry: JSONEntry) throws(JSONError) {
        guard entries.append(entry) else { throw JSONError(.tooManyValues, at: Int(entry.offset)) }
    }

    /// Reads a key, which must begin at `at`, and the colon behind it.
    @inline(__always)
    private mutating func key(_ bytes: Span<UInt8>, _ at: inout Int) throws(JSONError) {
        guard bytes.byte(at: at) == UInt8(ascii: "\"") else { throw JSONError(.unexpectedByte, at: at) }
        at = try string(bytes, at: at)
        guard try significant(bytes, &at) == UInt8(ascii: ":") else { throw JSONError(.unexpectedByte, at: at) }
        at &+= 1
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

    @inline(never)
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
        while at < bytes.count, bytes.byte(at: at) &- UInt8(ascii: "0") < 10 { at &+= 1 }
        return at
    }

    // MARK: Strings

    /// Reads the string whose opening quote stands at `offset`; gives the place behind its closing quote.
    @inline(__always)
    private mutating func string(_ bytes: Span<UInt8>, at offset: Int) throws(JSONError) -> Int {
        let start = offset &+ 1
        var at = bytes.indexOfSpecial(from: start)
        var flags: UInt8 = 0
        if at >= bytes.count || bytes.byte(at: at) != UInt8(ascii: "\"") {
            (at, flags) = try endOfString(bytes, from: at)
        }
        try append(
            JSONEntry(offset: start, length: at &- start, next: entries.count &+ 1, kind: .string, flags: flags)
        )
        return at &+ 1
    }

    /// The place of the closing quote of a string whose first byte out of the ordinary stands at `special`.
    @inline(never)
    private mutating func endOfString(
        _ bytes: Span<UInt8>, from special: Int
    ) throws(JSONError) -> (at: Int, flags: UInt8) {
        var at = special
        var flags: UInt8 = 0
        while at < bytes.count {
            let byte = bytes.byte(at: at)
            if byte == UInt8(ascii: "\"") {
                if flags & JSONEntry.needless != 0 { flaws &+= 1 }
                return (at, flags)
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
            at = bytes.indexOfSpecial(from: at)
        }
        throw JSONError(.unexpectedEnd, at: at)
    }

    /// Checks the escape that begins at `offset`; gives the place behind it.
    @inline(__always)
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
