/// What stands for a text among those that are remembered: nobody finds two texts with the same.
public struct ContentKey: Sendable, Hashable {
    public var words: (UInt64, UInt64)

    public init(words: (UInt64, UInt64)) { self.words = words }

    public static func == (first: Self, second: Self) -> Bool { first.words == second.words }

    public func hash(into hasher: inout Hasher) { hasher.combine(words.0) }
}

/// Makes the key of a text that comes piece by piece, so that the text itself need not be kept (SIG-010).
public protocol ContentDigest: Sendable {
    mutating func append(_ bytes: Span<UInt8>)
    /// Of all that was appended.
    var key: ContentKey { get }
}
