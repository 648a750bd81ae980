/// The keys that are valid, and tags of those that clients have shown: one event loop's, so that not each request pays for
/// a digest.
///
/// Only what was right is kept, for as long as the ring stays the same, and nothing from which a text could be made; a
/// wrong text is looked up each time.
/// - Limit: twice as many places as the ring has keys, and at most ``maximumPlaces``. A key that falls to the place of
///   another takes it.
public struct RecentKeys: Sendable {
    private struct Entry {
        let tag: KeyTag
        let key: ClientKey
    }

    static let maximumPlaces = 8192

    public let ring: KeyRing
    private let tagger = KeyTagger()
    private var entries: [Entry?]

    public init(_ ring: KeyRing) {
        self.ring = ring
        entries = [Entry?](repeating: nil, count: min(ring.size, Self.maximumPlaces))
    }

    /// The key with this text.
    ///
    /// - Parameter start: bytes that are before it.
    mutating func find(_ text: String, from start: Int = 0) -> ClientKey? {
        let bytes = text.utf8Span.span
        let key = bytes.extracting(start..<bytes.count)
        let tag = tagger.tag(key)
        let place = tag.place & (entries.count - 1)
        if let entry = entries[place], entry.tag == tag { return entry.key }
        guard let found = ring.find(key) else { return nil }
        entries[place] = Entry(tag: tag, key: found)
        return found
    }
}
