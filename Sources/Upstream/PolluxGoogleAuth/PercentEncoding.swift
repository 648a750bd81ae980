import PolluxSecret

/// The bytes of a string with all but `A-Z a-z 0-9 - . _ ~` written as `%XX` (RFC 3986, 2.3).
///
/// The same set serves forms, the subject token of AWS and AWS's canonical queries.
func percentEncoded(_ text: some StringProtocol, keeping kept: StaticString = "") -> String {
    var result: [UInt8] = []
    result.reserveCapacity(text.utf8.count * 3)
    let keptBytes = Array(kept.description.utf8)
    for byte in text.utf8 {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
            UInt8(ascii: "_"), UInt8(ascii: "~"):
            result.append(byte)
        case _ where keptBytes.contains(byte): result.append(byte)
        default:
            result.append(UInt8(ascii: "%"))
            result.append(hexadecimalDigit(byte >> 4, ten: "A"))
            result.append(hexadecimalDigit(byte & 0xF, ten: "A"))
        }
    }
    return String(decoding: result, as: UTF8.self)
}

/// Bytes in lower-case hexadecimal.
func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
    var result: [UInt8] = []
    for byte in bytes {
        result.append(hexadecimalDigit(byte >> 4, ten: "a"))
        result.append(hexadecimalDigit(byte & 0xF, ten: "a"))
    }
    return String(decoding: result, as: UTF8.self)
}

private func hexadecimalDigit(_ digit: UInt8, ten: Unicode.Scalar) -> UInt8 {
    digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: ten) + digit - 10
}

/// A body of `application/x-www-form-urlencoded`: `grant_type=…&assertion=…`.
struct Form {
    private(set) var text = ""

    mutating func add(_ name: StaticString, _ value: String) {
        if !text.isEmpty { text += "&" }
        text += "\(name)=\(percentEncoded(value))"
    }

    mutating func add(_ name: StaticString, _ value: Secret) {
        value.withText { add(name, $0) }
    }
}
