/// All keys that are valid at one time. It never changes; other keys make another ring.
///
/// - Cost: one SHA-256 and, nearly always, one comparison, however many keys there are.
public final class KeyRing: Sendable {
    /// Whether all keys are here. While the store was never read, nobody can say that a key is wrong.
    public let isComplete: Bool
    /// Open addressing; at most half of the places are taken.
    private let places: [ClientKey?]
    private let mask: Int

    init(_ keys: [ClientKey], isComplete: Bool) {
        self.isComplete = isComplete
        var size = 4
        while size < keys.count * 2 { size *= 2 }
        var places = [ClientKey?](repeating: nil, count: size)
        for key in keys {
            var place = key.digest.place & (size - 1)
            while places[place] != nil { place = (place + 1) & (size - 1) }
            places[place] = key
        }
        self.places = places
        mask = size - 1
    }

    /// Places, a power of two: at least twice as many as keys.
    var size: Int { places.count }

    /// The key with this text.
    func find(_ text: Span<UInt8>) -> ClientKey? { find(KeyDigest(of: text)) }

    /// Whether the key is still valid.
    public func contains(_ key: ClientKey) -> Bool { find(key.digest) != nil }

    private func find(_ digest: KeyDigest) -> ClientKey? {
        var place = digest.place & mask
        while let key = places[place] {
            if key.digest == digest { return key }
            place = (place + 1) & mask
        }
        return nil
    }
}
