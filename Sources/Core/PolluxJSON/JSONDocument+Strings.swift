/// Strings: most are copied as they stand; these functions are for the few whose content matters.
extension JSONDocument {
    /// Whether the string's bytes are its text, with no escape in between.
    @inlinable
    public func isPlain(_ node: JSONNode) -> Bool { entry(node).flags & JSONEntry.escaped == 0 }

    /// Whether the string is written as canonical JSON writes it: non-ASCII characters and `/` as they are
    /// (GEN-004).
    @inlinable
    public func isCanonical(_ node: JSONNode) -> Bool { entry(node).flags & JSONEntry.needless == 0 }

    /// Whether every byte of the string is ASCII. (An escape may still mean another character.)
    @inlinable
    public func isASCII(_ node: JSONNode) -> Bool { entry(node).flags & JSONEntry.nonASCII == 0 }

    /// The text of a string; the source text of a number or word; "" for arrays and objects.
    ///
    /// A lone surrogate becomes U+FFFD.
    public func string(_ node: JSONNode) -> String {
        switch kind(node) {
        case .array, .object: return ""
        case .string where !isPlain(node): return String(copying: text(node).span)
        default: return String(copying: raw(node))
        }
    }

    /// The text of a string as UTF-8, with its escapes resolved.
    public func text(_ node: JSONNode) -> [UInt8] {
        var result: [UInt8] = []
        appendText(node, to: &result)
        return result
    }

    /// Appends the text of a string as UTF-8, with its escapes resolved.
    public func appendText(_ node: JSONNode, to result: inout [UInt8]) {
        let raw = self.raw(node)
        if isPlain(node) { return result.append(copying: raw) }
        result.reserveCapacity(result.count + raw.count)
        var at = 0
        while at < raw.count {
            let next = raw.indexOfEscapable(from: at)
            if next > at { result.append(copying: raw.extracting(at..<next)) }
            guard next < raw.count else { return }
            at = appendEscape(of: raw, at: next, to: &result)
        }
    }

    /// Appends what the escape at `offset` means; gives the place behind it.
    private func appendEscape(of raw: Span<UInt8>, at offset: Int, to result: inout [UInt8]) -> Int {
        let escape = raw[offset + 1]
        switch escape {
        case UInt8(ascii: "b"): result.append(0x08)
        case UInt8(ascii: "f"): result.append(0x0C)
        case UInt8(ascii: "n"): result.append(0x0A)
        case UInt8(ascii: "r"): result.append(0x0D)
        case UInt8(ascii: "t"): result.append(0x09)
        case UInt8(ascii: "u"):
            var scalar = raw.hexadecimal4(at: offset + 2) ?? 0xFFFD
            var end = offset + 6
            if scalar & 0xFC00 == 0xD800, end + 6 <= raw.count, raw[end] == UInt8(ascii: "\\"),
                raw[end + 1] == UInt8(ascii: "u"), let low = raw.hexadecimal4(at: end + 2), low & 0xFC00 == 0xDC00
            {
                scalar = 0x10000 + (scalar & 0x3FF) << 10 + (low & 0x3FF)
                end += 6
            }
            let valid = Unicode.Scalar(scalar) ?? "\u{FFFD}"
            result.append(contentsOf: UTF8.encode(valid) ?? UTF8.encodedReplacementCharacter)
            return end
        default: result.append(escape)
        }
        return offset + 2
    }

    /// Whether the string has no character but white space. True for "".
    public func isBlank(_ node: JSONNode) -> Bool {
        let range = self.range(node)
        var at = range.lowerBound
        while at < range.upperBound {
            switch bytes[at] {
            case 0x20: at += 1
            case UInt8(ascii: "\\"):
                switch bytes[at + 1] {
                case UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"): at += 2
                default: return false
                }
            default: return false
            }
        }
        return true
    }
}
