/// Bytes in URLs that may not stand there as they are: `%41` is `A` (RFC 3986, section 2.1).
package enum PercentEncoding {
    /// The bytes that are meant; `nil` when an escape is broken.
    package static func decoded(_ text: Span<UInt8>) -> [UInt8]? {
        var result: [UInt8] = []
        result.reserveCapacity(text.count)
        var at = 0
        while at < text.count {
            guard text[at] == UInt8(ascii: "%") else {
                result.append(text[at])
                at += 1
                continue
            }
            guard at + 2 < text.count, let high = digit(text[at + 1]), let low = digit(text[at + 2]) else { return nil }
            result.append(high << 4 | low)
            at += 3
        }
        return result
    }

    /// The text that is meant, its escapes resolved once; `nil` when one is broken or the result is not UTF-8.
    package static func decoded(_ text: Substring) -> String? {
        guard text.utf8.contains(UInt8(ascii: "%")) else { return String(text) }
        return decoded(text.utf8Span.span).flatMap { String(validating: $0, as: UTF8.self) }
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
