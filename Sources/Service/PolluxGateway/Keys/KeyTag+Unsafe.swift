/// What a key's text is known by while the process runs: 128 bits that nobody can make without the tagger's secret.
///
/// It stands for the text where that was found to be right: to find the same tag for another text, or the text of a tag,
/// one would have to guess 128 bits.
struct KeyTag: Sendable, Equatable {
    let first: UInt64
    let second: UInt64

    /// Where a table begins to look.
    var place: Int { Int(truncatingIfNeeded: first) }

    /// Compares all 16 bytes, wherever the first difference is (AUTH-005).
    static func == (one: KeyTag, other: KeyTag) -> Bool {
        (one.first ^ other.first) | (one.second ^ other.second) == 0
    }
}

/// Makes tags, by a secret of its own: SipHash-2-4 with 128 bits, a fifth of the cost of a SHA-256.
///
/// - Source: Aumasson and Bernstein, "SipHash: a fast short-input PRF", and its reference implementation.
struct KeyTagger: Sendable {
    private let secret: (UInt64, UInt64)

    init(secret: (UInt64, UInt64)) { self.secret = secret }

    /// With a secret that nobody knows.
    init() {
        var random = SystemRandomNumberGenerator()
        secret = (random.next(), random.next())
    }

    /// - Invariant of the unsafe code: words are read from the text's own bytes, as long as eight are left.
    /// - Gain: a word at a time and not a byte.
    func tag(_ text: Span<UInt8>) -> KeyTag {
        var state = State(secret)
        let count = text.count
        var last = UInt64(truncatingIfNeeded: count) << 56
        unsafe text.withUnsafeBytes { bytes in
            var place = 0
            while count - place >= 8 {
                state.take(UInt64(littleEndian: unsafe bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self)))
                place += 8
            }
            var shift: UInt64 = 0
            while place < count {
                last |= UInt64(unsafe bytes[place]) << shift
                shift += 8
                place += 1
            }
        }
        state.take(last)
        return state.tag()
    }

    private struct State {
        var a: UInt64
        var b: UInt64
        var c: UInt64
        var d: UInt64

        init(_ secret: (UInt64, UInt64)) {
            a = secret.0 ^ 0x736f_6d65_7073_6575
            b = secret.1 ^ 0x646f_7261_6e64_6f6d ^ 0xEE
            c = secret.0 ^ 0x6c79_6765_6e65_7261
            d = secret.1 ^ 0x7465_6462_7974_6573
        }

        mutating func take(_ word: UInt64) {
            d ^= word
            round()
            round()
            a ^= word
        }

        mutating func tag() -> KeyTag {
            c ^= 0xEE
            for _ in 0..<4 { round() }
            let first = a ^ b ^ c ^ d
            b ^= 0xDD
            for _ in 0..<4 { round() }
            return KeyTag(first: first, second: a ^ b ^ c ^ d)
        }

        private mutating func round() {
            a &+= b
            b = Self.rotated(b, 13) ^ a
            a = Self.rotated(a, 32)
            c &+= d
            d = Self.rotated(d, 16) ^ c
            a &+= d
            d = Self.rotated(d, 21) ^ a
            c &+= b
            b = Self.rotated(b, 17) ^ c
            c = Self.rotated(c, 32)
        }

        private static func rotated(_ word: UInt64, _ count: UInt64) -> UInt64 { word << count | word >> (64 - count) }
    }
}
