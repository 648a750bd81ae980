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
    static func parse(
        _ bytes: Span<UInt8>, into entries: inout JSONEntries, limits: JSONLimits, known: KnownArrays?
    ) -> JSONError? {
        var parser = JSONParser(entries: entries.lend(maximum: limits.maximumValues), limits: limits)
        var failure: JSONError?
        do throws(JSONError) { try parser.parse(bytes, known) } catch { failure = error }
        entries.take(parser.entries)
        return failure
    }

    private init(entries: JSONEntries.Writer, limits: JSONLimits) {
        self.entries = entries
        self.limits = limits
    }

    /// Strings and containers are read here, because they are most of what comes; everything else is a call. Only the
    /// place and the marks are kept in registers: with more of them the compiler moves all of it to and fro.
    private mutating func parse(_ bytes: Span<UInt8>, _ known: KnownArrays?) throws(JSONError) {
        var at = 0
        if bytes.count >= 3, bytes[0] == 0xEF, bytes[1] == 0xBB, bytes[2] == 0xBF { at = 3 }
        var specials = SpecialMarks(bytes)
        var expectsKey = false
        values: while true {
            let first = try significant(bytes, &at)
            if first == UInt8(ascii: "\"") {
                while true {
                    at = try string(bytes, at: at, &specials, isKey: expectsKey)
                    guard isNextString(bytes, &at, behindKey: expectsKey) else { break }
                    expectsKey.toggle()
                }
                if expectsKey {
                    guard try significant(bytes, &at) == UInt8(ascii: ":") else {
                        throw JSONError(.unexpectedByte, at: at)
                    }
                    at &+= 1
                    expectsKey = false
                    continue values
                }
            } else if expectsKey {
                throw JSONError(.unexpectedByte, at: at)
            } else if first | 0x20 == UInt8(ascii: "{") {  // Or `[`, which differs by this bit.
                if let known, depth == 1, let end = knownValue(bytes, at: at, known) {
                    at = end
                } else {
                    try openContainer(first == UInt8(ascii: "{") ? .object : .array, at: at)
                    at &+= 1
                    guard try significant(bytes, &at) == closing else {
                        expectsKey = openIsObject
                        continue values
                    }
                    at &+= 1
                    close(at: at)
                }
            } else {
                at = try wordOrNumber(bytes, at: at)
            }
            while open >= 0 {
                let byte = try significant(bytes, &at)
                at &+= 1
                if byte == UInt8(ascii: ",") {
                    expectsKey = openIsObject
                    continue values
                }
                guard byte == closing else { throw JSONError(.unexpectedByte, at: at &- 1) }
                close(at: at)
            }
            break
        }
        if at < bytes.count { at = skipWhitespace(bytes, at: at) }
        guard at == bytes.count else { throw JSONError(.bytesBehindValue, at: at) }
    }

    /// Reads a value that is no string and no container; gives the place behind it.
    @inline(never)
    private mutating func wordOrNumber(_ bytes: Span<UInt8>, at offset: Int) throws(JSONError) -> Int {
        switch bytes.byte(at: offset) {
        case UInt8(ascii: "t"): return try word("true", .true, bytes, at: offset)
        case UInt8(ascii: "f"): return try word("false", .false, bytes, at: offset)
        case UInt8(ascii: "n"): return try word("null", .null, bytes, at: offset)
        default:
            let end = try bytes.endOfNumber(from: offset)
            try append(JSONEntry(offset: offset, length: end &- offset, next: entries.count &+ 1, kind: .number))
            return end
        }
    }

    /// Takes over the entries of an array that was read before; gives the place behind it.
    @inline(never)
    private mutating func knownValue(_ bytes: Span<UInt8>, at offset: Int, _ known: KnownArrays) -> Int? {
        guard let found = known.find(in: bytes, at: offset) else { return nil }
        let values = found.entries
        guard entries.append(values.span, at: offset) else { return nil }  // Reading it finds where it is too much.
        if values[0].flags & JSONEntry.compact == 0 { flaws &+= 1 }
        return offset &+ found.source.count
    }

    /// Whether a string of the open object is followed by another one at once, as most are: by its value, or by the
    /// next key. `at` is moved to it.
    @inline(__always)
    private mutating func isNextString(_ bytes: Span<UInt8>, _ at: inout Int, behindKey: Bool) -> Bool {
        guard openIsObject, at &+ 4 <= bytes.count else { return false }
        let next = bytes.halfWord(at: at)
        if next & 0xFFFF == (behindKey ? 0x223A : 0x222C) {  // `:"` and `,"`
            at &+= 1
            return true
        }
        guard behindKey, next & 0xFF_FFFF == 0x22_203A else { return false }  // `: "`, as Google writes it.
        at &+= 2
        flaws &+= 1
        return true
    }

    // MARK: White space

    /// The next byte that is not white space; `at` is moved to it.
    @inline(__always)
    private mutating func significant(_ bytes: Span<UInt8>, _ at: inout Int) throws(JSONError) -> UInt8 {
        if at < bytes.count {
            let byte = bytes.byte(at: at)
            if byte > 0x20 { return byte }
            if byte == 0x20, at &+ 1 < bytes.count, bytes.byte(at: at &+ 1) > 0x20 {  // As Google writes it.
                at &+= 1
                flaws &+= 1
                return bytes.byte(at: at)
            }
            at = skipWhitespace(bytes, at: at)
        }
        guard at < bytes.count else { throw JSONError(.unexpectedEnd, at: at) }
        return bytes.byte(at: at)
    }

    /// - Precondition: `start` is a place in `bytes`.
    @inline(never)
    private mutating func skipWhitespace(_ bytes: Span<UInt8>, at start: Int) -> Int {
        var at = start
        if bytes.byte(at: at) == 0x0A {
            at = bytes.skipSpaces(from: at &+ 1)
            if at < bytes.count, bytes.byte(at: at) > 0x20 {
                flaws &+= 1
                return at
            }
        }
        while at < bytes.count {
            let byte = bytes.byte(at: at)
            guard byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { break }
            at &+= 1
        }
        if at != start { flaws &+= 1 }
        return at
    }

    // MARK: Containers

    /// What ends the open container.
    private var closing: UInt8 { openIsObject ? UInt8(ascii: "}") : UInt8(ascii: "]") }

    @inline(__always)
    private mutating func openContainer(_ kind: JSONKind, at offset: Int) throws(JSONError) {
        guard depth < limits.maximumDepth else { throw JSONError(.tooDeep, at: offset) }
        depth &+= 1
        let index = entries.count
        try append(JSONEntry(offset: offset, length: Int(flaws), next: open, kind: kind))
        open = index
        openIsObject = kind == .object
    }

    @inline(never)
    private mutating func close(at end: Int) {
        depth &-= 1
        open = entries.close(open, at: end, flaws: flaws)
        openIsObject = entries.isObject(open)
    }

    @inline(__always)
    private mutating func append(_ entry: JSONEntry) throws(JSONError) {
        guard entries.append(entry) else { throw JSONError(.tooManyValues, at: Int(entry.offset)) }
    }

    // MARK: Words and numbers

    @inline(__always)
    private mutating func word(
        _ word: StaticString, _ kind: JSONKind, _ bytes: Span<UInt8>, at offset: Int
    ) throws(JSONError) -> Int {
        let length = word.utf8CodeUnitCount
        guard offset &+ length <= bytes.count else { throw JSONError(.unexpectedEnd, at: bytes.count) }
        guard bytes.matches(word, at: offset) else { throw JSONError(.unexpectedByte, at: offset) }
        try append(JSONEntry(offset: offset, length: length, next: entries.count &+ 1, kind: kind))
        return offset &+ length
    }

    // MARK: Strings

    /// Reads the string whose opening quote stands at `offset`; gives the place behind its closing quote.
    @inline(__always)
    private mutating func string(
        _ bytes: Span<UInt8>, at offset: Int, _ specials: inout SpecialMarks, isKey: Bool
    ) throws(JSONError) -> Int {
        let start = offset &+ 1
        var at = start
        var flags: UInt8 = isKey ? JSONEntry.key : 0
        while true {
            guard let special = specials.next(in: bytes, from: at, of: start, &flags) else {
                throw JSONError(.unexpectedEnd, at: bytes.count)
            }
            at = special
            let byte = bytes.byte(at: at)
            if byte == UInt8(ascii: "\"") { break }
            if byte == UInt8(ascii: "\\"), at &+ 1 < bytes.count, bytes.byte(at: at &+ 1).isShortEscape {
                flags |= JSONEntry.escaped
                at &+= 2
            } else {
                let found: UInt8
                (at, found) = try bytes.skipSpecial(at: at, acceptsLoneSurrogates: limits.acceptsLoneSurrogates)
                flags |= found
            }
        }
        if flags & JSONEntry.needless != 0 { flaws &+= 1 }
        try append(
            JSONEntry(offset: start, length: at &- start, next: entries.count &+ 1, kind: .string, flags: flags)
        )
        return at &+ 1
    }
}

extension UInt8 {
    /// Whether a backslash before it makes a whole escape, and one that canonical JSON writes.
    @inline(__always)
    fileprivate var isShortEscape: Bool {
        if self == UInt8(ascii: "\"") { return true }
        // A bit for each of " \ b f n r t, counted from 0x22.
        let place = self &- 0x22
        if place < 64 {
            return (1 << 0x00 | 1 << 0x3A) as UInt64 &>> UInt64(place) & 1 != 0
        }
        return self == UInt8(ascii: "n") || self == UInt8(ascii: "t") || self == UInt8(ascii: "r")
            || self == UInt8(ascii: "b") || self == UInt8(ascii: "f")
    }
}

/// What is not inlined knows nothing of the parser, so that its state stays in registers.
extension Span<UInt8> {
    /// The place behind the number that begins at `offset`.
    @inline(never)
    fileprivate func endOfNumber(from offset: Int) throws(JSONError) -> Int {
        var at = offset
        if byte(at: at) == UInt8(ascii: "-") { at &+= 1 }
        guard at < count else { throw JSONError(.unexpectedEnd, at: at) }
        let whole = at
        skipDigits(&at)
        guard at > whole else { throw JSONError(whole == offset ? .unexpectedByte : .invalidNumber, at: at) }
        if at &- whole > 1, byte(at: whole) == UInt8(ascii: "0") { throw JSONError(.invalidNumber, at: whole) }
        guard at < count, byte(at: at) >= UInt8(ascii: ".") else { return at }
        if byte(at: at) == UInt8(ascii: ".") {
            at &+= 1
            let fraction = at
            skipDigits(&at)
            guard at > fraction else { throw JSONError(.invalidNumber, at: at) }
        }
        if at < count, byte(at: at) | 0x20 == UInt8(ascii: "e") {
            at &+= 1
            if at < count, byte(at: at) == UInt8(ascii: "+") || byte(at: at) == UInt8(ascii: "-") { at &+= 1 }
            let exponent = at
            skipDigits(&at)
            guard at > exponent else { throw JSONError(.invalidNumber, at: at) }
        }
        return at
    }

    @inline(__always)
    private func skipDigits(_ at: inout Int) {
        while at < count, byte(at: at) &- UInt8(ascii: "0") < 10 { at &+= 1 }
    }

    /// Checks what a string has at `offset`, which is no quote; gives the place behind it, and what it is.
    @inline(never)
    fileprivate func skipSpecial(
        at offset: Int, acceptsLoneSurrogates: Bool
    ) throws(JSONError) -> (at: Int, flags: UInt8) {
        let byte = byte(at: offset)
        if byte >= 0x80 { return (try skipUTF8(from: offset), 0) }
        guard byte == UInt8(ascii: "\\") else { throw JSONError(.controlCharacter, at: offset) }
        guard offset + 1 < count else { throw JSONError(.unexpectedEnd, at: count) }
        let flags = JSONEntry.escaped | JSONEntry.needless
        switch self[offset + 1] {
        case UInt8(ascii: "/"): return (offset + 2, flags)
        case UInt8(ascii: "u"): return (try skipUnicodeEscape(at: offset, acceptsLoneSurrogates), flags)
        default: throw JSONError(.invalidEscape, at: offset)
        }
    }

    private func skipUnicodeEscape(at offset: Int, _ acceptsLoneSurrogates: Bool) throws(JSONError) -> Int {
        guard let unit = hexadecimal4(at: offset + 2) else { throw JSONError(.invalidEscape, at: offset) }
        if acceptsLoneSurrogates || unit & 0xF800 != 0xD800 { return offset + 6 }
        guard unit < 0xDC00, offset + 7 < count, self[offset + 6] == UInt8(ascii: "\\"),
            self[offset + 7] == UInt8(ascii: "u"), let low = hexadecimal4(at: offset + 8), low & 0xFC00 == 0xDC00
        else { throw JSONError(.loneSurrogate, at: offset) }
        return offset + 12
    }
}
