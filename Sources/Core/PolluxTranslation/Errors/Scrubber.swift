/// Takes credentials out of texts that are relayed (CRED-010).
public enum Scrubber {
    /// The text without `Bearer …`, `AIza…` and `ya29.…`.
    public static func scrubbed(_ text: String) -> String {
        let bytes = Array(text.utf8)
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        var at = 0
        while at < bytes.count {
            if let end = credentialEnd(bytes, at) {
                result += Array("[redacted]".utf8)
                at = end
            } else {
                result.append(bytes[at])
                at += 1
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    private static func credentialEnd(_ bytes: [UInt8], _ at: Int) -> Int? {
        switch bytes[at] {
        case UInt8(ascii: "B"), UInt8(ascii: "b"):
            guard starts(bytes, at, with: "bearer ", ignoringCase: true) else { return nil }
            return end(of: bytes, from: at + 7) {
                isToken($0) || $0 == UInt8(ascii: "=") || $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "+")
            }
        case UInt8(ascii: "A"):
            guard starts(bytes, at, with: "AIza") else { return nil }
            let end = end(of: bytes, from: at + 4) { isToken($0) && $0 != UInt8(ascii: ".") }
            return end - at >= 39 ? end : nil
        case UInt8(ascii: "y"):
            guard starts(bytes, at, with: "ya29.") else { return nil }
            return end(of: bytes, from: at + 5, isToken)
        default: return nil
        }
    }

    private static func end(of bytes: [UInt8], from start: Int, _ isPart: (UInt8) -> Bool) -> Int {
        var at = start
        while at < bytes.count, isPart(bytes[at]) { at += 1 }
        return at
    }

    private static func isToken(_ byte: UInt8) -> Bool {
        (byte | 0x20) &- UInt8(ascii: "a") < 26 || byte &- UInt8(ascii: "0") < 10 || byte == UInt8(ascii: "_")
            || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".")
    }

    private static func starts(
        _ bytes: [UInt8], _ at: Int, with prefix: StaticString, ignoringCase: Bool = false
    ) -> Bool {
        let expected = Array(String(describing: prefix).utf8)
        guard at + expected.count <= bytes.count else { return false }
        for (offset, byte) in expected.enumerated() {
            let found = bytes[at + offset]
            let same = found == byte || ignoringCase && byte | 0x20 == found | 0x20 && byte != 0x20
            if !same { return false }
        }
        return true
    }
}
