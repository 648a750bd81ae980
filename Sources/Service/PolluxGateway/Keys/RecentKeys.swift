internal import PolluxSecret

/// The keys that are valid, and the texts of those that clients have shown lately: one event loop's, so that not
/// each request pays for a digest.
///
/// Only what was right is kept, for as long as the ring stays the same; a wrong text is looked up each time.
/// - Limit: ``maximumTexts`` texts of ``maximumBytes`` bytes. One that falls to the place of another takes it.
public struct RecentKeys: Sendable {
    private struct Entry {
        let text: Secret
        let key: ClientKey
    }

    static let maximumTexts = 64
    static let maximumBytes = 256

    public let ring: KeyRing
    private var entries = [Entry?](repeating: nil, count: maximumTexts)

    public init(_ ring: KeyRing) { self.ring = ring }

    /// The key with this text.
    mutating func find(_ text: Substring) -> ClientKey? {
        let bytes = text.utf8Span.span
        guard (1...Self.maximumBytes).contains(bytes.count) else { return ring.find(text) }
        let place = Self.place(bytes)
        if let entry = entries[place], entry.text.withText({ Self.isSame(bytes, $0.utf8Span.span) }) {
            return entry.key
        }
        guard let key = ring.find(text) else { return nil }
        entries[place] = Entry(text: Secret(String(text)), key: key)
        return key
    }

    /// A place by length and last bytes: the first ones are the same in most keys.
    private static func place(_ bytes: Span<UInt8>) -> Int {
        var mix = UInt64(bytes.count)
        for index in max(0, bytes.count - 8)..<bytes.count { mix = mix << 8 ^ mix >> 51 ^ UInt64(bytes[index]) }
        return Int(truncatingIfNeeded: (mix &* 0x9E37_79B9_7F4A_7C15) >> 58)
    }

    /// Compares all bytes, wherever the first difference is (AUTH-005).
    private static func isSame(_ first: Span<UInt8>, _ second: Span<UInt8>) -> Bool {
        guard first.count == second.count else { return false }
        var differences: UInt8 = 0
        for index in first.indices { differences |= first[index] ^ second[index] }
        return differences == 0
    }
}
