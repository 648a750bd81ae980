internal import Crypto

/// SHA-256 of a key's text, as four words.
struct KeyDigest: Sendable, Hashable {
    private var words: (UInt64, UInt64, UInt64, UInt64)

    /// - Invariant of the unsafe code: a SHA-256 digest has 32 bytes, and the text's bytes are read while it lives.
    /// - Gain: no array for the text and none for the digest on the way of each request.
    init(of text: Span<UInt8>) {
        var hash = SHA256()
        unsafe text.withUnsafeBytes { unsafe hash.update(bufferPointer: $0) }
        let digest = hash.finalize()
        words = unsafe digest.withUnsafeBytes { unsafe $0.loadUnaligned(as: (UInt64, UInt64, UInt64, UInt64).self) }
    }

    /// `nil` when there are not 32 bytes.
    init?(_ bytes: [UInt8]) {
        guard bytes.count == 32 else { return nil }
        words = unsafe bytes.withUnsafeBytes { unsafe $0.loadUnaligned(as: (UInt64, UInt64, UInt64, UInt64).self) }
    }

    /// Where a table begins to look: the digest's own bits are as good as chance.
    var place: Int { Int(truncatingIfNeeded: words.0) }

    /// Compares all 32 bytes, wherever the first difference is (AUTH-005).
    static func == (first: KeyDigest, second: KeyDigest) -> Bool {
        let differences =
            (first.words.0 ^ second.words.0) | (first.words.1 ^ second.words.1) | (first.words.2 ^ second.words.2)
            | (first.words.3 ^ second.words.3)
        return differences == 0
    }

    func hash(into hasher: inout Hasher) { hasher.combine(words.0) }
}
