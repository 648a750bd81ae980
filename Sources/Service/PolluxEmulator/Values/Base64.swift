import PolluxJSON

/// Base64 as protocol buffers' JSON form has it: either alphabet, padding or none, no white space.
enum Base64 {
    /// Whether the string at `node` is base64.
    static func isValid(_ node: JSONNode, of json: borrowing JSONDocument) -> Bool {
        json.withText(node) { isValid($0) }
    }

    static func isValid(_ text: Span<UInt8>) -> Bool {
        var digits = text.count
        while digits > 0, text[digits - 1] == UInt8(ascii: "=") { digits -= 1 }
        let padding = text.count - digits
        if digits % 4 == 1 || padding > 2 || padding > 0 && text.count % 4 != 0 { return false }
        for index in 0..<digits where value(of: text[index]) == nil { return false }
        return true
    }

    /// Bytes that the string at `node` stands for.
    static func byteCount(_ node: JSONNode, of json: borrowing JSONDocument) -> Int {
        json.withText(node) { byteCount($0) }
    }

    private static func byteCount(_ text: Span<UInt8>) -> Int {
        var digits = text.count
        while digits > 0, text[digits - 1] == UInt8(ascii: "=") { digits -= 1 }
        return digits * 3 / 4
    }

    /// The bytes; `nil` when the text is no base64.
    static func decoded(_ text: [UInt8]) -> [UInt8]? {
        guard isValid(text.span) else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count * 3 / 4)
        var bits: UInt32 = 0
        var filled = 0
        for character in text {
            guard let digit = value(of: character) else { break }
            bits = bits << 6 | UInt32(digit)
            filled += 6
            if filled >= 8 {
                filled -= 8
                bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(filled)))
            }
        }
        return bytes
    }

    /// The standard alphabet, padded.
    static func encoded(_ bytes: [UInt8]) -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity((bytes.count + 2) / 3 * 4)
        var at = 0
        while at < bytes.count {
            let left = bytes.count - at
            let second = left > 1 ? bytes[at + 1] : 0
            let third = left > 2 ? bytes[at + 2] : 0
            text.append(alphabet[Int(bytes[at] >> 2)])
            text.append(alphabet[Int((bytes[at] & 3) << 4 | second >> 4)])
            text.append(left > 1 ? alphabet[Int((second & 15) << 2 | third >> 6)] : UInt8(ascii: "="))
            text.append(left > 2 ? alphabet[Int(third & 63)] : UInt8(ascii: "="))
            at += 3
        }
        return text
    }

    private static let alphabet = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    private static func value(of character: UInt8) -> UInt8? {
        switch character {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): character - UInt8(ascii: "A")
        case UInt8(ascii: "a")...UInt8(ascii: "z"): character - UInt8(ascii: "a") + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): character - UInt8(ascii: "0") + 52
        case UInt8(ascii: "+"), UInt8(ascii: "-"): 62
        case UInt8(ascii: "/"), UInt8(ascii: "_"): 63
        default: nil
        }
    }
}
