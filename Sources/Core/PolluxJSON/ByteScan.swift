internal import PolluxVector

/// Looking for the few bytes of a JSON string that matter, sixteen at a time.
extension Span where Element == UInt8 {
    /// What `find` says of the sixteen bytes from `offset`, one bit each, the first one lowest; nothing of what is
    /// behind the end.
    @inline(__always)
    func marks(at offset: Int, _ find: (SIMD16<UInt8>) -> UInt32) -> UInt32 {
        if offset &+ 16 <= count { return find(nextVector(at: offset)) }
        // Fewer than sixteen are left: with those before them they are enough, most often.
        if count >= 16 { return find(nextVector(at: count &- 16)) >> UInt32(truncatingIfNeeded: offset &+ 16 &- count) }
        var few = SIMD16<UInt8>(repeating: 0)
        for index in offset..<count { few[index &- offset] = byte(at: index) }
        return find(few) & (1 << UInt32(truncatingIfNeeded: count &- offset) &- 1)
    }

    /// The first place at or behind `start` that `find` marks; `count` when there is none.
    @inline(__always)
    func firstMark(from start: Int, _ find: (SIMD16<UInt8>) -> UInt32) -> Int {
        var at = start
        while at < count {
            let marks = marks(at: at, find)
            if marks != 0 { return at &+ marks.trailingZeroBitCount }
            at &+= 16
        }
        return count
    }

    /// The first place at or behind `start` with a quote, a backslash or a control character; `count`
    /// when there is none. These are the bytes that JSON text must escape.
    func indexOfEscapable(from start: Int) -> Int {
        precondition(start >= 0)
        return firstMark(from: start) { pollux_marks_escapable($0) }
    }

    /// Checks the run of multi-byte characters that begins at `start`; gives the place behind it.
    ///
    /// - Source: Unicode 16, table 3-7, "Well-Formed UTF-8 Byte Sequences".
    func skipUTF8(from start: Int) throws(JSONError) -> Int {
        var at = start
        while at < count {
            let first = self[at]
            let left = count &- at
            if first < 0x80 {
                return at
            } else if first >= 0xC2, first < 0xE0 {
                guard left >= 2, isContinuation(at &+ 1) else { throw JSONError(.invalidUTF8, at: at) }
                at &+= 2
            } else if first >= 0xE0, first < 0xF0 {
                guard left >= 3, isContinuation(at &+ 1), isContinuation(at &+ 2) else {
                    throw JSONError(.invalidUTF8, at: at)
                }
                let second = self[at &+ 1]
                if first == 0xE0, second < 0xA0 { throw JSONError(.invalidUTF8, at: at) }
                if first == 0xED, second >= 0xA0 { throw JSONError(.invalidUTF8, at: at) }
                at &+= 3
            } else if first >= 0xF0, first < 0xF5 {
                guard left >= 4, isContinuation(at &+ 1), isContinuation(at &+ 2), isContinuation(at &+ 3) else {
                    throw JSONError(.invalidUTF8, at: at)
                }
                let second = self[at &+ 1]
                if first == 0xF0, second < 0x90 { throw JSONError(.invalidUTF8, at: at) }
                if first == 0xF4, second >= 0x90 { throw JSONError(.invalidUTF8, at: at) }
                at &+= 4
            } else {
                throw JSONError(.invalidUTF8, at: at)
            }
        }
        return at
    }

    /// Whether all bytes of a part are letters, digits or `_ . : -`; what is behind it may be read with it.
    public func isName(_ range: Range<Int>) -> Bool {
        precondition(range.lowerBound >= 0 && range.upperBound <= count)
        var at = range.lowerBound
        while at < range.upperBound {
            let marks = marks(at: at) { pollux_marks_not_name($0) }
            if marks != 0, marks.trailingZeroBitCount < range.upperBound &- at { return false }
            at &+= 16
        }
        return true
    }

    func isContinuation(_ index: Int) -> Bool { self[index] & 0xC0 == 0x80 }

    /// The number that four hexadecimal digits at `offset` mean.
    @inline(__always)
    func hexadecimal4(at offset: Int) -> UInt32? {
        guard offset &+ 4 <= count else { return nil }
        let digits = halfWord(at: offset)
        let lower = digits | 0x2020_2020
        // Of each byte bit 7, which is set when the byte is large enough, and not too large.
        let areNumerals = (digits &+ 0x5050_5050) & ~(digits &+ 0x4646_4646)
        let areLetters = (lower &+ 0x1F1F_1F1F) & ~(lower &+ 0x1919_1919)
        guard digits & 0x8080_8080 == 0, (areNumerals | areLetters) & 0x8080_8080 == 0x8080_8080 else { return nil }
        let values = (digits & 0x0F0F_0F0F) &+ (digits &>> 6 & 0x0101_0101) &* 9
        let pairs = (values &<< 4 | values &>> 8) & 0x00FF_00FF
        return (pairs &<< 8 | pairs &>> 16) & 0xFFFF
    }

    /// What the `\u` escape at `offset` means, together with the second half of a pair, and the place behind it;
    /// `nil` for a lone surrogate.
    func scalar(atEscape offset: Int) -> (scalar: Unicode.Scalar?, end: Int) {
        var value = hexadecimal4(at: offset + 2) ?? 0xFFFD
        var end = offset + 6
        if value & 0xFC00 == 0xD800, end + 6 <= count, self[end] == UInt8(ascii: "\\"),
            self[end + 1] == UInt8(ascii: "u"), let low = hexadecimal4(at: end + 2), low & 0xFC00 == 0xDC00
        {
            value = 0x10000 + (value & 0x3FF) << 10 + (low & 0x3FF)
            end += 6
        }
        return (Unicode.Scalar(value), end)
    }

    /// The place behind the spaces from `start` on, as an indented line begins with them; or before the last seven.
    @inline(__always)
    func skipSpaces(from start: Int) -> Int {
        var at = start
        while at &+ 8 <= count {
            let others = word(at: at) ^ 0x2020_2020_2020_2020
            if others != 0 { return at &+ others.trailingZeroBitCount &>> 3 }
            at &+= 8
        }
        return at
    }

    /// The first byte that is not JSON's white space.
    public var firstSignificant: UInt8? {
        for index in indices {
            let byte = self[index]
            if byte != 0x20, byte != 0x0A, byte != 0x0D, byte != 0x09 { return byte }
        }
        return nil
    }
}

/// Where the quotes, backslashes, control characters and bytes above 0x7F of a text are, 64 bytes at a time.
///
/// To find the next one takes a shift, and what it shifts is known before: the way from string to string does not
/// wait for memory and comparisons.
struct SpecialMarks {
    /// Bytes of a string that are looked at one special byte after the other, which is cheaper while there are few.
    private static let shortString = 128

    /// Where the bytes of `marks` begin.
    private var base = 0
    /// One bit for each byte, the first one lowest.
    private var marks: UInt64

    init(_ bytes: Span<UInt8>) { marks = Self.marks(of: bytes, at: 0) }

    /// The first special byte at or behind `start`; `nil` when there is none.
    ///
    /// - Parameters:
    ///   - start: not less than in the call before; neither within a character nor within an escape.
    ///   - string: where the string begins that is read. Of a long one text without anything unusual is passed over.
    ///   - flags: gets ``JSONEntry/escaped`` when escapes are passed over.
    @inline(__always)
    mutating func next(in bytes: Span<UInt8>, from start: Int, of string: Int, _ flags: inout UInt8) -> Int? {
        let ahead = start &- base
        if ahead < 64 {
            let left = marks &>> UInt64(truncatingIfNeeded: ahead)
            if left != 0 { return start &+ left.trailingZeroBitCount }
        }
        return advance(in: bytes, to: start, of: string, &flags)
    }

    @inline(__always)
    private mutating func advance(
        in bytes: Span<UInt8>, to start: Int, of string: Int, _ flags: inout UInt8
    ) -> Int? {
        base = max(start, base &+ 64)
        if base &- string >= Self.shortString, base < bytes.count { base = bytes.skipText(from: base, &flags) }
        while base < bytes.count {
            marks = Self.marks(of: bytes, at: base)
            if marks != 0 { return base &+ marks.trailingZeroBitCount }
            base = bytes.skipText(from: min(base &+ 64, bytes.count), &flags)
        }
        return nil
    }

    @inline(__always)
    private static func marks(of bytes: Span<UInt8>, at offset: Int) -> UInt64 {
        if offset &+ 64 <= bytes.count { return bytes.specialMarks(at: offset) }
        // Fewer than 64 are left: with those before them they are enough, most often.
        if bytes.count >= 64 {
            return bytes.specialMarks(at: bytes.count &- 64) &>> UInt64(truncatingIfNeeded: offset &+ 64 &- bytes.count)
        }
        // A whole text that is short: `advance` never comes to the place behind it.
        return bytes.fewSpecialMarks()
    }
}
