/// JSON out of a JSON string: escapes are resolved, and what JSON can do without is left out on the way.
///
/// Arguments and results come as strings, most often with a space behind each comma and colon and with every letter
/// that is not ASCII as an escape. Without them the text is as we would write it: once it was read, to see that it is
/// JSON, it is copied in one piece.
///
/// Left out are white space behind a bracket, a comma or a colon, and escapes inside of strings that canonical JSON
/// does without (GEN-004). What is no JSON remains none: no token is changed or joined with another.
///
/// Invariant: `reserve` makes room for the whole string and ``slack``, and nothing becomes longer; what is stored one by
/// one is less than what was read.
/// Gain: an agent's request with six results takes 18,000 instructions less.
extension ByteOutput {
    /// Appends the meaning of the JSON string that stands at `range`, its quotes not included.
    ///
    /// - Precondition: the parser has accepted the string.
    mutating func append(unescapingJSON bytes: Span<UInt8>, _ range: Range<Int>) {
        precondition(range.lowerBound >= 0 && range.upperBound <= bytes.count)
        reserve(range.count &+ Self.slack)
        var at: Int? = range.lowerBound
        var rest = range.lowerBound
        while let start = at, start < range.upperBound {
            (at, rest) = copyTokens(of: bytes, from: start, to: range.upperBound)
            if let start = at { (at, rest) = copyString(of: bytes, from: start, to: range.upperBound) }
        }
        // Written in a way that is hardly ever met: the rest as it is.
        if at == nil { append(unescaping: bytes, rest..<range.upperBound) }
    }

    /// Copies what stands between strings.
    ///
    /// - Returns: the place behind the quote that opens a string, or the end; `nil` and a place for the caller to go on
    ///   from.
    private mutating func copyTokens(of bytes: Span<UInt8>, from start: Int, to end: Int) -> (Int?, Int) {
        var at = start
        if let next = copyToken(of: bytes, from: at) { return (next, next) }
        let first = unsafe storage + used
        var target = unsafe first
        defer { unsafe used = target - storage }
        while at < end {
            var byte = bytes.byte(at: at)
            var length = 1
            if byte == UInt8(ascii: "\\") {
                byte = bytes[at &+ 1].meaningBehindBackslash
                if byte == 0 { return (nil, at) }
                length = 2
            }
            at &+= length
            if byte <= 0x20, unsafe target > first && target[-1].isFollowedByToken,
                byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09
            {
                continue
            }
            unsafe target.pointee = byte
            unsafe target += 1
            if byte == UInt8(ascii: "\"") { return (at, at) }
        }
        return (at, at)
    }

    /// Copies one token and the quote that opens a string behind it, as most of what stands between strings is: `: \"`
    /// and `, \"`, as Python writes it, the same without a space, and `{\"`.
    ///
    /// - Returns: the place behind the quote; `nil` where something else stands.
    @inline(__always)
    private mutating func copyToken(of bytes: Span<UInt8>, from start: Int) -> Int? {
        guard start &+ 8 <= bytes.count, bytes.byte(at: start).isFollowedByToken else { return nil }
        let next = bytes.halfWord(at: start)
        let isSpaced = next & 0xFF00 == 0x2000
        guard (isSpaced ? next &>> 16 : next &>> 8 & 0xFFFF) == 0x225C else { return nil }
        unsafe storage[used] = bytes.byte(at: start)
        unsafe storage[used &+ 1] = UInt8(ascii: "\"")
        used &+= 2
        return start &+ (isSpaced ? 4 : 3)
    }

    /// Copies what stands in a string, and the quote that closes it; and strings that follow with but a token between.
    ///
    /// - Returns: the place behind that quote, or the end; `nil` and a place for the caller to go on from.
    private mutating func copyString(of bytes: Span<UInt8>, from start: Int, to end: Int) -> (Int?, Int) {
        var at = start
        while true {
            at = copyToBackslash(of: bytes, from: at, to: end)
            guard at < end else { return (at, at) }
            let escaped = bytes[at &+ 1]
            if escaped == UInt8(ascii: "\"") {
                unsafe storage[used] = escaped
                used &+= 1
                at &+= 2
                guard let next = copyToken(of: bytes, from: at) else { return (at, at) }
                at = next
            } else if escaped == UInt8(ascii: "\\") {
                at = copyEscape(of: bytes, from: at &+ 2, to: end)
            } else {
                let meaning = escaped.meaningBehindBackslash
                if meaning == 0 { return (nil, at) }
                unsafe storage[used] = meaning
                used &+= 1
                at &+= 2
            }
        }
    }

    /// Copies an escape of the inner string, or what it means.
    ///
    /// - Parameter start: behind its backslash.
    /// - Returns: the place to go on from.
    private mutating func copyEscape(of bytes: Span<UInt8>, from start: Int, to end: Int) -> Int {
        if start < end {
            switch bytes.byte(at: start) {
            case UInt8(ascii: "/"): return start
            case UInt8(ascii: "u"):
                if let next = resolve(innerEscape: bytes, at: start, to: end) { return next }
            case UInt8(ascii: "\\"):
                let meaning = bytes[start &+ 1]
                if meaning == UInt8(ascii: "\"") || meaning == UInt8(ascii: "\\") {
                    unsafe storage[used] = UInt8(ascii: "\\")
                    unsafe storage[used &+ 1] = meaning
                    used &+= 2
                    return start &+ 2
                }
            default: break
            }
        }
        unsafe storage[used] = UInt8(ascii: "\\")
        used &+= 1
        return start
    }

    /// Appends the character that four digits behind the `u` at `start` stand for; `nil` when it is none that can stand
    /// there by itself.
    private mutating func resolve(innerEscape bytes: Span<UInt8>, at start: Int, to end: Int) -> Int? {
        guard start &+ 5 <= end, var value = bytes.hexadecimal4(at: start &+ 1), value >= 0x80 else { return nil }
        var next = start &+ 5
        if value & 0xFC00 == 0xD800 {  // A pair, each half behind a backslash that is escaped itself.
            guard next &+ 7 <= end, bytes[next] == UInt8(ascii: "\\"), bytes[next &+ 1] == UInt8(ascii: "\\"),
                bytes[next &+ 2] == UInt8(ascii: "u"), let low = bytes.hexadecimal4(at: next &+ 3),
                low & 0xFC00 == 0xDC00
            else { return nil }
            value = 0x10000 + (value & 0x3FF) << 10 + (low & 0x3FF)
            next &+= 7
        }
        if value & 0xF800 == 0xD800 { return nil }
        append(utf8: value)
        return next
    }

    /// Appends a character that is not ASCII. There is room for it.
    @inline(__always)
    private mutating func append(utf8 scalar: UInt32) {
        let last = 0x80 | scalar & 0x3F
        let middle = 0x80 | scalar >> 6 & 0x3F
        let units: UInt32
        let count: Int
        if scalar < 0x800 {
            (units, count) = (0xC0 | scalar >> 6 | last << 8, 2)
        } else if scalar < 0x10000 {
            (units, count) = (0xE0 | scalar >> 12 | middle << 8 | last << 16, 3)
        } else {
            (units, count) = (0xF0 | scalar >> 18 | (0x80 | scalar >> 12 & 0x3F) << 8 | middle << 16 | last << 24, 4)
        }
        unsafe UnsafeMutableRawPointer(storage + used).storeBytes(of: units.littleEndian, as: UInt32.self)
        used &+= count
    }
}

extension UInt8 {
    /// Whether white space behind it says nothing: a comma, a colon, or what opens an array or an object.
    @inline(__always)
    fileprivate var isFollowedByToken: Bool {
        self == UInt8(ascii: ",") || self == UInt8(ascii: ":") || self | 0x20 == UInt8(ascii: "{")
    }
}
