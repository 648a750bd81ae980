/// Looking for the few bytes of a JSON string that matter, a machine word at a time.
extension Span where Element == UInt8 {
    /// The first place at or behind `start` with a quote, a backslash, a control character or a byte
    /// above 0x7F; `count` when there is none.
    ///
    /// Eight bytes are tested at once with plain 64-bit arithmetic. (Swift's SIMD masks were
    /// measured seventy times slower for this loop.)
    @inlinable
    func indexOfSpecial(from start: Int) -> Int {
        precondition(start >= 0)
        var at = start
        while at &+ 8 <= count {
            let word = nextWord(at: at)
            let marks = (word.escapableBytes | word) & .eachHighBit
            if marks != 0 { return at &+ marks.trailingZeroBitCount / 8 }
            at &+= 8
        }
        while at < count {
            let byte = self.byte(at: at)
            if byte < 0x20 || byte >= 0x80 || byte == 0x22 || byte == 0x5C { return at }
            at &+= 1
        }
        return count
    }

    /// The first place at or behind `start` with a quote, a backslash or a control character; `count`
    /// when there is none. These are the bytes that JSON text must escape.
    @inlinable
    func indexOfEscapable(from start: Int) -> Int {
        precondition(start >= 0)
        var at = start
        while at &+ 8 <= count {
            let word = nextWord(at: at)
            let marks = word.escapableBytes & ~word & .eachHighBit
            if marks != 0 { return at &+ marks.trailingZeroBitCount / 8 }
            at &+= 8
        }
        while at < count {
            let byte = self.byte(at: at)
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

    /// The first byte that is not JSON's white space.
    public var firstSignificant: UInt8? {
        for index in indices {
            let byte = self[index]
            if byte != 0x20, byte != 0x0A, byte != 0x0D, byte != 0x09 { return byte }
        }
        return nil
    }
}

/// Eight bytes in a word, the first one lowest.
extension UInt64 {
    /// The byte in all eight places.
    @inlinable @inline(__always)
    static func each(_ byte: UInt8) -> UInt64 { UInt64(byte) &* 0x0101_0101_0101_0101 }

    @inlinable static var eachHighBit: UInt64 { each(0x80) }

    /// High bits that mark quotes, backslashes and control characters among bytes below 0x80.
    ///
    /// With its second bit turned a quote (0x22) is 0x20, and all control characters stay below: both borrow when
    /// 0x21 is taken away. Borrows run upward from such a byte only, so the lowest mark is always a true one. Bytes
    /// above 0x7F may be marked or not.
    @inlinable @inline(__always)
    var escapableBytes: UInt64 {
        ((self ^ .each(0x02)) &- .each(0x21)) | ((self ^ .each(0x5C)) &- .each(0x01))
    }
}
