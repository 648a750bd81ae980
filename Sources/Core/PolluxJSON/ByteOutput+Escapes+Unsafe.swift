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
    /// Bytes that may be written behind those that are counted as written.
    static var slack: Int { 16 }
    /// Bytes of text that are escaped before room is made for more.
    private static var pieceSize: Int { 4096 }

    /// Appends the meaning of a JSON string: the bytes between its quotes with their escapes resolved.
    ///
    /// - Precondition: the parser has accepted the string. A lone surrogate becomes U+FFFD.
    public mutating func append(unescaping raw: Span<UInt8>) { append(unescaping: raw, 0..<raw.count) }

    /// The same of a part of `bytes`; what is behind it may be read with it.
    mutating func append(unescaping bytes: Span<UInt8>, _ range: Range<Int>) {
        precondition(range.lowerBound >= 0 && range.upperBound <= bytes.count)
        reserve(range.count &+ Self.slack)
        var at = range.lowerBound
        while true {
            at = copyToBackslash(of: bytes, from: at, to: range.upperBound)
            guard at < range.upperBound else { return }
            let meaning = bytes[at &+ 1].meaningBehindBackslash
            if meaning != 0 {
                unsafe storage[used] = meaning
                used &+= 1
                at &+= 2
            } else {
                at = resolve(bytes, at: at)
            }
        }
    }

    /// Copies what comes before the next backslash; gives its place, or `end`.
    ///
    /// - Precondition: there is room for it, and for ``slack``.
    @inline(__always)
    mutating func copyToBackslash(of bytes: Span<UInt8>, from start: Int, to end: Int) -> Int {
        var at = start
        var target = unsafe storage + used
        defer { unsafe used = target - storage }
        while at < end {
            guard at &+ 16 <= bytes.count else {
                let byte = bytes.byte(at: at)
                if byte == UInt8(ascii: "\\") { return at }
                unsafe target.pointee = byte
                unsafe target += 1
                at &+= 1
                continue
            }
            let vector = bytes.nextVector(at: at)
            unsafe UnsafeMutableRawPointer(target).storeBytes(of: vector, as: SIMD16<UInt8>.self)
            let marks = pollux_marks_backslash(vector)
            let plain = min(marks == 0 ? 16 : marks.trailingZeroBitCount, end &- at)
            at &+= plain
            unsafe target += plain
            if marks != 0 { return at }
        }
        return at
    }

    /// Appends what the `\u` escape at `offset` means; gives the place behind it.
    @inline(never)
    private mutating func resolve(_ raw: Span<UInt8>, at offset: Int) -> Int {
        let (scalar, end) = raw.scalar(atEscape: offset)
        for byte in UTF8.encode(scalar ?? "\u{FFFD}") ?? UTF8.encodedReplacementCharacter { append(byte) }
        return end
    }

    /// Appends text as the inside of a JSON string, escaped where it must be.
    public mutating func append(escaping text: Span<UInt8>) { append(escaping: text, 0..<text.count) }

    /// The same of a part of `bytes`; what is behind it may be read with it.
    mutating func append(escaping bytes: Span<UInt8>, _ range: Range<Int>) {
        precondition(range.lowerBound >= 0 && range.upperBound <= bytes.count)
        var start = range.lowerBound
        while start < range.upperBound {
            let end = min(range.upperBound, start &+ Self.pieceSize)
            reserve((end &- start) &* Self.longestEscape &+ Self.slack)
            append(escapingPiece: bytes, from: start, to: end)
            start = end
        }
    }

    private mutating func append(escapingPiece bytes: Span<UInt8>, from start: Int, to end: Int) {
        var at = start
        while at < end {
            while at < end, at &+ 16 <= bytes.count {
                let vector = bytes.nextVector(at: at)
                unsafe store(vector)
                let marks = pollux_marks_escapable(vector)
                let plain = min(marks == 0 ? 16 : marks.trailingZeroBitCount, end &- at)
                used &+= plain
                at &+= plain
                if plain < 16 { break }
            }
            while at < end, !bytes.byte(at: at).mustBeEscaped {
                unsafe storage[used] = bytes.byte(at: at)
                used &+= 1
                at &+= 1
            }
            guard at < end else { return }
            append(escape: bytes.byte(at: at))
            at &+= 1
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

    /// Appends what stands between strings, their quotes included, without white space.
    mutating func append(tokens bytes: Span<UInt8>, _ range: Range<Int>) {
        precondition(range.lowerBound >= 0 && range.upperBound <= bytes.count)
        reserve(range.count)
        var at = range.lowerBound
        var end = used
        while at < range.upperBound {
            let byte = bytes.byte(at: at)
            unsafe storage[end] = byte
            end &+= byte > 0x20 ? 1 : 0
            at &+= 1
        }
        used = end
    }

    /// Appends a part of `bytes` that is short, most often; what is behind it may be read with it.
    mutating func append(short bytes: Span<UInt8>, _ range: Range<Int>) {
        precondition(range.lowerBound >= 0 && range.upperBound <= bytes.count)
        guard range.count <= 64, range.upperBound &+ Self.slack <= bytes.count else {
            return append(bytes.extracting(range))
        }
        reserve(range.count &+ Self.slack)
        var at = range.lowerBound
        while at < range.upperBound {
            unsafe UnsafeMutableRawPointer(storage + (used &+ at &- range.lowerBound)).storeBytes(
                of: bytes.nextVector(at: at), as: SIMD16<UInt8>.self)
            at &+= 16
        }
        used &+= range.count
    }

    /// Stores sixteen bytes behind the last one, without counting them as written.
    @unsafe @inline(__always)
    private mutating func store(_ vector: SIMD16<UInt8>) {
        assert(used &+ 16 <= capacity)
        unsafe UnsafeMutableRawPointer(storage + used).storeBytes(of: vector, as: SIMD16<UInt8>.self)
    }
}

extension UInt8 {
    @inline(__always)
    fileprivate var mustBeEscaped: Bool {
        self < 0x20 || self == UInt8(ascii: "\"") || self == UInt8(ascii: "\\")
    }

    /// What this byte means behind a backslash; 0 for `u`, which needs the digits behind it.
    @inline(__always)
    var meaningBehindBackslash: UInt8 {
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
