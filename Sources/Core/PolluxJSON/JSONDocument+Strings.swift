/// Strings: most are copied as they stand; these functions are for the few whose content matters.
extension JSONDocument {
    /// Whether the string's bytes are its text, with no escape in between.
    @inlinable
    public func isPlain(_ node: JSONNode) -> Bool { entry(node).flags & JSONEntry.escaped == 0 }

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
        let range = self.range(node)
        result.reserveCapacity(result.count + range.count)
        if isPlain(node) {
            for index in range { result.append(bytes[index]) }
            return
        }
        var at = range.lowerBound
        while at < range.upperBound {
            let byte = bytes[at]
            guard byte == UInt8(ascii: "\\") else {
                result.append(byte)
                at += 1
                continue
            }
            let escape = bytes[at + 1]
            at += 2
            switch escape {
            case UInt8(ascii: "b"): result.append(0x08)
            case UInt8(ascii: "f"): result.append(0x0C)
            case UInt8(ascii: "n"): result.append(0x0A)
            case UInt8(ascii: "r"): result.append(0x0D)
            case UInt8(ascii: "t"): result.append(0x09)
            case UInt8(ascii: "u"):
                var scalar = bytes.hexadecimal4(at: at) ?? 0xFFFD
                at += 4
                if scalar & 0xFC00 == 0xD800, at + 6 <= range.upperBound, bytes[at] == UInt8(ascii: "\\"),
                    bytes[at + 1] == UInt8(ascii: "u"), let low = bytes.hexadecimal4(at: at + 2),
                    low & 0xFC00 == 0xDC00
                {
                    scalar = 0x10000 + (scalar & 0x3FF) << 10 + (low & 0x3FF)
                    at += 6
                }
                result.append(contentsOf: UTF8.encode(Unicode.Scalar(scalar) ?? "\u{FFFD}")!)
            default: result.append(escape)
            }
        }
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

extension String {
    /// A string of these bytes; what is not UTF-8 becomes U+FFFD.
    public init(copying bytes: Span<UInt8>) {
        var copy: [UInt8] = []
        copy.reserveCapacity(bytes.count)
        for index in bytes.indices { copy.append(bytes[index]) }
        self = String(decoding: copy, as: UTF8.self)
    }
}
