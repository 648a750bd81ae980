internal import PolluxVector

/// Text into JSON strings and out of them, sixteen bytes at a time.
///
/// Invariant: before a vector is stored there is room for sixteen bytes behind the last one written: `reserve` made it
/// for the whole piece, whose output is never longer than what was reserved. Vectors are read only where sixteen bytes
/// are left.
/// Gain: tool calls and results have an escape every ten bytes or so; a call of `memmove` for each stretch between
/// them took three times as long, and eight bytes at a time took half as long again.
extension ByteOutput {
    /// The longest escape of one byte, `\u001f`.
    private static var longestEscape: Int { 6 }
    /// Bytes of text that are escaped before room is made for more.
    private static var pieceSize: Int { 4096 }

    /// Appends the meaning of a JSON string: the bytes between its quotes with their escapes resolved.
    ///
    /// - Precondition: the parser has accepted the string. A lone surrogate becomes U+FFFD.
    public mutating func append(unescaping raw: Span<UInt8>) { append(unescaping: raw, 0..<raw.count) }

    /// The same of a part of `bytes`; what is behind it may be read with it.
    mutating func append(unescaping bytes: Span<UInt8>, _ range: Range<Int>) {
        precondition(range.upperBound <= bytes.count)
        reserve(range.count &+ 16)
        var at = range.lowerBound
        let end = range.upperBound
        while at < end {
            while at < end, at &+ 16 <= bytes.count {
                let vector = bytes.nextVector(at: at)
                unsafe store(vector)
                let marks = pollux_marks_backslash(vector)
                let plain = min(marks == 0 ? 16 : marks.trailingZeroBitCount, end &- at)
                used &+= plain
                at &+= plain
                if plain < 16 { break }
            }
            while at < end, bytes.byte(at: at) != UInt8(ascii: "\\") {
                append(bytes.byte(at: at))
                at &+= 1
            }
            guard at < end else { return }
            let meaning = bytes[at &+ 1].meaningBehindBackslash
            if meaning != 0 {
                append(meaning)
                at &+= 2
            } else {
                at = resolve(bytes, at: at)
            }
        }
    }

    /// Appends what the `\u` escape at `offset` means; gives the place behind it.
    @inline(never)
    private mutating func resolve(_ raw: Span<UInt8>, at offset: Int) -> Int {
        let (scalar, end) = raw.scalar(atEscape: offset)
        for byte in UTF8.encode(scalar ?? "\u{FFFD}") ?? UTF8.encodedReplacementCharacter { append(byte) }
        return end
    }

    /// Appends text as the inside of a JSON string, escaped where it must be.
    public mutating func append(escaping text: Span<UInt8>) {
        var start = 0
        while start < text.count {
            let end = min(text.count, start &+ Self.pieceSize)
            reserve((end &- start) &* Self.longestEscape &+ 16)
            append(escapingPiece: text.extracting(start..<end))
            start = end
        }
    }

    private mutating func append(escapingPiece text: Span<UInt8>) {
        var at = 0
        while at < text.count {
            var isSpecial = false
            while !isSpecial, at &+ 16 <= text.count {
                let vector = text.nextVector(at: at)
                unsafe store(vector)
                let marks = pollux_marks_escapable(vector)
                let plain = marks == 0 ? 16 : marks.trailingZeroBitCount
                isSpecial = plain < 16
                used &+= plain
                at &+= plain
            }
            while !isSpecial, at < text.count {
                let byte = text.byte(at: at)
                isSpecial = byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
                if !isSpecial {
                    append(byte)
                    at &+= 1
                }
            }
            if isSpecial {
                append(escape: text.byte(at: at))
                at &+= 1
            }
        }
    }

    /// Appends the escape of a quote, a backslash or a control character.
    mutating func append(escape byte: UInt8) {
        append(UInt8(ascii: "\\"))
        switch byte {
        case 0x0A: append(UInt8(ascii: "n"))
        case 0x09: append(UInt8(ascii: "t"))
        case 0x0D: append(UInt8(ascii: "r"))
        case 0x08: append(UInt8(ascii: "b"))
        case 0x0C: append(UInt8(ascii: "f"))
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): append(byte)
        default:
            append("u00" as StaticString)
            append(hexadecimalDigit(byte >> 4))
            append(hexadecimalDigit(byte & 0xF))
        }
    }

    private func hexadecimalDigit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") &+ value : UInt8(ascii: "a") &+ value &- 10
    }

    /// Stores sixteen bytes behind the last one, without counting them as written.
    @unsafe @inline(__always)
    private mutating func store(_ vector: SIMD16<UInt8>) {
        assert(used &+ 16 <= capacity)
        unsafe UnsafeMutableRawPointer(storage + used).storeBytes(of: vector, as: SIMD16<UInt8>.self)
    }
}

extension UInt8 {
    /// What this byte means behind a backslash; 0 for `u`, which needs the digits behind it.
    @inline(__always)
    fileprivate var meaningBehindBackslash: UInt8 {
        if self == UInt8(ascii: "\"") || self == UInt8(ascii: "\\") || self == UInt8(ascii: "/") { return self }
        switch self {
        case UInt8(ascii: "n"): return 0x0A
        case UInt8(ascii: "t"): return 0x09
        case UInt8(ascii: "r"): return 0x0D
        case UInt8(ascii: "b"): return 0x08
        case UInt8(ascii: "f"): return 0x0C
        case UInt8(ascii: "u"): return 0
        default: return self
        }
    }
}
