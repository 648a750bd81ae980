internal import PolluxJSON
internal import PolluxVector

/// Base64 as clients write it, and as Gemini wants it: standard alphabet, padded (GEN-008).
public enum Base64 {
    public enum Form: Sendable, Equatable {
        /// Already as Gemini wants it.
        case standard
        /// URL-safe letters, missing padding or white space were mended.
        case normalized([UInt8])
        case invalid
    }

    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    /// The value of each letter of both alphabets; 0xFF for every other byte.
    private static let values: [UInt8] = {
        var table = [UInt8](repeating: 0xFF, count: 256)
        for (value, letter) in alphabet.enumerated() { table[Int(letter)] = UInt8(value) }
        table[Int(UInt8(ascii: "-"))] = 62
        table[Int(UInt8(ascii: "_"))] = 63
        return table
    }()

    /// What form `text` has. The common one is recognised by vectors.
    public static func form(of text: Span<UInt8>) -> Form {
        if text.count % 4 == 0, isStandard(text) { return .standard }
        var result: [UInt8] = []
        result.reserveCapacity(text.count + 3)
        var padding = 0
        for index in text.indices {
            let byte = text[index]
            switch byte {
            case 0x20, 0x09...0x0D: continue
            case UInt8(ascii: "="):
                padding += 1
            case _ where values[Int(byte)] == 0xFF || padding > 0: return .invalid
            case UInt8(ascii: "-"): result.append(UInt8(ascii: "+"))
            case UInt8(ascii: "_"): result.append(UInt8(ascii: "/"))
            default: result.append(byte)
            }
        }
        guard padding <= 2, result.count % 4 != 1 else { return .invalid }
        while result.count % 4 != 0 { result.append(UInt8(ascii: "=")) }
        return .normalized(result)
    }

    private static func isStandard(_ text: Span<UInt8>) -> Bool {
        var end = text.count
        if end > 0, text[end - 1] == UInt8(ascii: "=") { end -= 1 }
        if end > 0, end < text.count, text[end - 1] == UInt8(ascii: "=") { end -= 1 }
        var at = text.extracting(0..<end).skipBase64(from: 0)
        while at + 16 <= end {
            guard pollux_marks_not_base64(text.vector(at: at)) == 0 else { return false }
            at += 16
        }
        while at < end {
            let byte = text[at]
            if values[Int(byte)] == 0xFF || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_") { return false }
            at += 1
        }
        return true
    }

    /// The bytes that `text` means, at most `limit`; stops at what is no letter.
    public static func decode(_ text: Span<UInt8>, limit: Int = .max) -> [UInt8] {
        var result: [UInt8] = []
        var buffer: UInt32 = 0
        var bits = 0
        for index in text.indices {
            let value = values[Int(text[index])]
            if value == 0xFF {
                if text[index] <= 0x20 { continue }
                break
            }
            buffer = buffer << 6 | UInt32(value)
            bits += 6
            if bits >= 8 {
                bits -= 8
                result.append(UInt8(truncatingIfNeeded: buffer >> UInt32(bits)))
                if result.count >= limit { break }
            }
        }
        return result
    }

    public static func encode(_ bytes: Span<UInt8>) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity((bytes.count + 2) / 3 * 4)
        var at = 0
        while at < bytes.count {
            let left = bytes.count - at
            let first = bytes[at]
            let second = left > 1 ? bytes[at + 1] : 0
            let third = left > 2 ? bytes[at + 2] : 0
            result.append(alphabet[Int(first >> 2)])
            result.append(alphabet[Int((first & 3) << 4 | second >> 4)])
            result.append(left > 1 ? alphabet[Int((second & 15) << 2 | third >> 6)] : UInt8(ascii: "="))
            result.append(left > 2 ? alphabet[Int(third & 63)] : UInt8(ascii: "="))
            at += 3
        }
        return result
    }
}
