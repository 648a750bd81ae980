/// Which bytes may stand where (RFC 9110 § 5.6.2, RFC 3986 § 3.2.2).
enum ASCII {
    static let tab = UInt8(ascii: "\t")
    static let lineFeed = UInt8(ascii: "\n")
    static let carriageReturn = UInt8(ascii: "\r")
    static let space = UInt8(ascii: " ")
    static let delete: UInt8 = 0x7F

    /// The bytes that a token is made of: letters, digits and ``!#$%&'*+-.^_`|~``.
    static var token: ByteSet { ByteSet(low: 0x03FF_6CFA_0000_0000, high: 0x57FF_FFFF_C7FF_FFFE) }

    /// The bytes of `host:port`: letters, digits and ``-._~!$&'()*+,;=%:[]``.
    static var host: ByteSet { ByteSet(low: 0x2FFF_7FF2_0000_0000, high: 0x47FF_FFFE_AFFF_FFFE) }

    @inline(__always)
    static func isBlank(_ byte: UInt8) -> Bool { byte == space || byte == tab }

    /// A control byte that may stand nowhere in a line: all but the tab.
    @inline(__always)
    static func isControl(_ byte: UInt8) -> Bool { byte < space && byte != tab || byte == delete }

    @inline(__always)
    static func lowercased(_ byte: UInt8) -> UInt8 { byte &- 0x41 < 26 ? byte | 0x20 : byte }

    @inline(__always)
    static func digit(_ byte: UInt8) -> Int? {
        let digit = byte &- UInt8(ascii: "0")
        return digit < 10 ? Int(digit) : nil
    }

    static func hexDigit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }

    /// The first control byte from `start` on, a tab excepted; the end when there is none.
    @inline(__always)
    static func firstControl(_ bytes: Span<UInt8>, from start: Int) -> Int {
        var at = start
        while at &+ 8 <= bytes.count {
            let word = bytes.word(at: at)
            let deleted = word ^ (ones &* UInt64(delete))
            let below = (word &- ones &* UInt64(space)) & ~word
            // The lowest bit set is exact; a higher one may come from a borrow, so each is looked at.
            var hits = (below | (deleted &- ones) & ~deleted) & (ones &* 0x80)
            while hits != 0 {
                let found = at &+ hits.trailingZeroBitCount >> 3
                if isControl(bytes[found]) { return found }
                hits &= hits &- 1
            }
            at &+= 8
        }
        while at < bytes.count {
            if isControl(bytes[at]) { return at }
            at &+= 1
        }
        return bytes.count
    }

    /// Where the token ends that begins at `start`: at the first byte that is none of its bytes.
    ///
    /// Eight bytes at a time, as long as they are letters, digits and hyphens.
    @inline(__always)
    static func endOfToken(_ bytes: Span<UInt8>, from start: Int) -> Int {
        var at = start
        while at &+ 8 <= bytes.count {
            let word = bytes.word(at: at)
            // Of bytes below 128, so that no sum reaches the next byte; a sum's highest bit says "at least".
            let low = word & (ones &* 0x7F)
            let folded = low | (ones &* 0x20)
            let letters = (folded &+ ones &* (0x80 - 0x61)) & ~(folded &+ ones &* (0x80 - 0x7B))
            let digits = (low &+ ones &* (0x80 - 0x30)) & ~(low &+ ones &* (0x80 - 0x3A))
            let hyphens = ~((low ^ (ones &* 0x2D)) &+ ones &* 0x7F)
            let others = (~(letters | digits | hyphens) | word) & (ones &* 0x80)
            if others == 0 {
                at &+= 8
                continue
            }
            at &+= others.trailingZeroBitCount >> 3
            guard token.contains(bytes[at]) else { return at }
            at &+= 1
        }
        while at < bytes.count, token.contains(bytes[at]) { at &+= 1 }
        return at
    }

    private static var ones: UInt64 { 0x0101_0101_0101_0101 }
}

/// A set of ASCII bytes, one bit each.
struct ByteSet: Sendable {
    /// Bytes 0 to 63, and 64 to 127.
    let low: UInt64
    let high: UInt64

    @inline(__always)
    func contains(_ byte: UInt8) -> Bool {
        byte < 128 && ((byte < 64 ? low : high) &>> UInt64(byte & 63)) & 1 == 1
    }
}
