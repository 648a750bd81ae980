/// The lines of an answer's head.
enum HeadLine {
    /// `HTTP/1.0 ` or `HTTP/1.1 `
    static func isHTTP1(_ span: Span<UInt8>) -> Bool {
        let prefix: StaticString = "HTTP/1."
        for index in 0..<7 where span[index] != byte(prefix, index) { return false }
        return (span[7] == UInt8(ascii: "1") || span[7] == UInt8(ascii: "0")) && span[8] == 0x20
    }

    /// Where the head ends, behind its empty line.
    static func endOfHead(_ span: Span<UInt8>) -> Int? {
        var at = 3
        while at < span.count {
            switch span[at] {
            case UInt8(ascii: "\n"):
                if span[at - 1] == UInt8(ascii: "\r"), span[at - 2] == UInt8(ascii: "\n"),
                    span[at - 3] == UInt8(ascii: "\r")
                {
                    return at + 1
                }
                at += 2  // The next byte is no line feed's last of four.
            case UInt8(ascii: "\r"): at += 1
            default: at += 4  // None of the four that end a head: they end behind the next three at the earliest.
            }
        }
        return nil
    }

    /// The three digits of the status.
    static func status(_ span: Span<UInt8>) -> Int? {
        var status = 0
        for index in 9..<12 {
            let digit = span[index] &- UInt8(ascii: "0")
            guard digit < 10 else { return nil }
            status = status * 10 + Int(digit)
        }
        guard span.count > 12, span[12] == 0x20 || span[12] == UInt8(ascii: "\r"), (100...599).contains(status) else {
            return nil
        }
        return status
    }

    /// Where the next line begins.
    static func nextLine(_ span: Span<UInt8>, from start: Int) -> Int {
        var at = start
        while at < span.count, span[at] != UInt8(ascii: "\n") { at += 1 }
        return min(at + 1, span.count)
    }

    /// The first line feed, carriage return or NUL from `start` on; the end when there is none.
    static func endOfLine(_ span: Span<UInt8>, from start: Int) -> Int {
        var at = start
        while at &+ 8 <= span.count {
            var word: UInt64 = 0
            for index in 0..<8 { word |= UInt64(span[at &+ index]) << UInt64(index &* 8) }
            // Marks bytes below 0x20. The lowest is exact, a higher one may come from a borrow: each is looked at.
            var marks = (word &- 0x2020_2020_2020_2020) & ~word & 0x8080_8080_8080_8080
            while marks != 0 {
                let found = at &+ marks.trailingZeroBitCount >> 3
                if endsLine(span[found]) { return found }
                marks &= marks &- 1
            }
            at &+= 8
        }
        while at < span.count, !endsLine(span[at]) { at &+= 1 }
        return at
    }

    private static func endsLine(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") || byte == 0
    }

    /// Name and value of `name: value`, a line without its end; `nil` for a folded line, a space before the colon, or no
    /// name.
    static func field(_ span: Span<UInt8>, _ line: Range<Int>) -> (name: Range<Int>, value: Range<Int>)? {
        var colon = line.lowerBound
        while colon < line.upperBound, span[colon] != UInt8(ascii: ":") {
            guard span[colon] > 0x20, span[colon] < 0x7F else { return nil }
            colon += 1
        }
        guard colon > line.lowerBound, colon < line.upperBound else { return nil }
        var start = colon + 1
        var end = line.upperBound
        while start < end, span[start] == 0x20 || span[start] == 0x09 { start += 1 }
        while end > start, span[end - 1] == 0x20 || span[end - 1] == 0x09 { end -= 1 }
        return (line.lowerBound..<colon, start..<end)
    }

    /// Whether a name is this one, whatever its letters' case.
    static func isSame(_ name: Span<UInt8>, _ expected: StaticString) -> Bool {
        guard name.count == expected.utf8CodeUnitCount else { return false }
        for index in name.indices {
            let found = name[index]
            let lowered = found >= 0x41 && found <= 0x5A ? found | 0x20 : found
            if lowered != byte(expected, index) { return false }
        }
        return true
    }

    /// Whether a value begins with a word, whatever its letters' case; the word is in lower case.
    static func begins(_ span: Span<UInt8>, _ value: Range<Int>, with word: StaticString) -> Bool {
        let count = word.utf8CodeUnitCount
        return value.count >= count
            && isSame(span.extracting(value.lowerBound..<value.lowerBound + count), word)
    }

    /// Whether a list names an option, whatever its letters' case; the option is in lower case.
    static func lists(_ span: Span<UInt8>, _ value: Range<Int>, _ option: StaticString) -> Bool {
        var start = value.lowerBound
        while start < value.upperBound {
            var end = start
            while end < value.upperBound, span[end] != UInt8(ascii: ",") { end += 1 }
            var last = end
            while start < last, span[start] == 0x20 || span[start] == 0x09 { start += 1 }
            while last > start, span[last - 1] == 0x20 || span[last - 1] == 0x09 { last -= 1 }
            if isSame(span.extracting(start..<last), option) { return true }
            start = end + 1
        }
        return false
    }

    static func text(_ span: Span<UInt8>, _ range: Range<Int>) -> String {
        var bytes: [UInt8] = []
        for index in range { bytes.append(span[index]) }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// A number of digits alone, that fits.
    static func number(_ span: Span<UInt8>, _ range: Range<Int>) -> Int? {
        guard (1...18).contains(range.count) else { return nil }
        var value = 0
        for index in range {
            let digit = span[index] &- UInt8(ascii: "0")
            guard digit < 10 else { return nil }
            value = value * 10 + Int(digit)
        }
        return value
    }

    private static func byte(_ text: StaticString, _ index: Int) -> UInt8 {
        // Safe: every caller stays within the text.
        unsafe text.utf8Start[index]
    }
}
