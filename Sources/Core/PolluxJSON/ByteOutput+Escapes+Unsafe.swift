/// Text into JSON strings and out of them, eight bytes at a time.
///
/// Invariant: before a word is stored there is room for eight bytes behind the last one written: `reserve` made it
/// for the whole piece, whose output is never longer than what was reserved. Words are read only where eight bytes are
/// left.
/// Gain: tool calls and results have an escape every ten bytes or so; a call of `memmove` for each stretch between
/// them took three times as long.
extension ByteOutput {
    /// The longest escape of one byte, `\u001f`.
    private static var longestEscape: Int { 6 }
    /// Bytes of text that are escaped before room is made for more.
    private static var pieceSize: Int { 4096 }

    /// Appends the meaning of a JSON string: the bytes between its quotes with their escapes resolved.
    ///
    /// - Precondition: the parser has accepted the string. A lone surrogate becomes U+FFFD.
    public mutating func append(unescaping raw: Span<UInt8>) {
        reserve(raw.count &+ 8)
        var at = 0
        while at < raw.count {
            var isEscape = false
            while !isEscape, at &+ 8 <= raw.count {
                let word = raw.nextWord(at: at)
                unsafe store(word)
                let backslash = word ^ .each(0x5C)
                let marks = (backslash &- .each(1)) & ~backslash & .eachHighBit
                let plain = marks == 0 ? 8 : marks.trailingZeroBitCount / 8
                isEscape = plain < 8
                used &+= plain
                at &+= plain
            }
            while !isEscape, at < raw.count {
                let byte = raw.byte(at: at)
                isEscape = byte == UInt8(ascii: "\\")
                if !isEscape {
                    append(byte)
                    at &+= 1
                }
            }
            if isEscape { at = resolve(raw, at: at) }
        }
    }

    /// Appends what the escape at `offset` means; gives the place behind it.
    private mutating func resolve(_ raw: Span<UInt8>, at offset: Int) -> Int {
        let escape = raw[offset + 1]
        switch escape {
        case UInt8(ascii: "n"): append(0x0A as UInt8)
        case UInt8(ascii: "t"): append(0x09 as UInt8)
        case UInt8(ascii: "r"): append(0x0D as UInt8)
        case UInt8(ascii: "b"): append(0x08 as UInt8)
        case UInt8(ascii: "f"): append(0x0C as UInt8)
        case UInt8(ascii: "u"):
            let (scalar, end) = raw.scalar(atEscape: offset)
            for byte in UTF8.encode(scalar ?? "\u{FFFD}") ?? UTF8.encodedReplacementCharacter { append(byte) }
            return end
        default: append(escape)
        }
        return offset + 2
    }

    /// Appends text as the inside of a JSON string, escaped where it must be.
    public mutating func append(escaping text: Span<UInt8>) {
        var start = 0
        while start < text.count {
            let end = min(text.count, start &+ Self.pieceSize)
            reserve((end &- start) &* Self.longestEscape &+ 8)
            append(escapingPiece: text.extracting(start..<end))
            start = end
        }
    }

    private mutating func append(escapingPiece text: Span<UInt8>) {
        var at = 0
        while at < text.count {
            var isSpecial = false
            while !isSpecial, at &+ 8 <= text.count {
                let word = text.nextWord(at: at)
                unsafe store(word)
                let marks = word.escapableBytes & ~word & .eachHighBit
                let plain = marks == 0 ? 8 : marks.trailingZeroBitCount / 8
                isSpecial = plain < 8
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

    /// Stores eight bytes behind the last one, without counting them as written.
    @unsafe @inline(__always)
    private mutating func store(_ word: UInt64) {
        assert(used &+ 8 <= capacity)
        unsafe UnsafeMutableRawPointer(storage + used).storeBytes(of: word.littleEndian, as: UInt64.self)
    }
}
