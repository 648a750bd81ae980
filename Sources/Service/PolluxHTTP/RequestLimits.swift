/// What a client may send around its body. The body's own limit is the caller's.
public struct RequestLimits: Sendable, Hashable {
    /// Bytes from the request line to the empty line, both included.
    ///
    /// - Limit: positions in a head are kept in 16 bits, so ``maximumHeadBytes`` is the most.
    public var headBytes: Int {
        didSet { headBytes = Self.clamped(headBytes) }
    }
    /// Header lines of a head; also trailer lines of a body.
    public var fields: Int
    /// Empty lines before a request line.
    public var emptyLines: Int
    /// Bytes of extensions, over all the chunks of one body.
    public var chunkExtensionBytes: Int
    /// Bytes of the lines behind the last chunk.
    public var trailerBytes: Int

    public static let maximumHeadBytes = 64 * 1024 - 1

    /// The greatest length of a body or a chunk that is read as a number: 2^53, which JSON's numbers reach too.
    static let maximumLength = 1 << 53

    public init(
        headBytes: Int = 16 * 1024, fields: Int = 100, emptyLines: Int = 4, chunkExtensionBytes: Int = 4096,
        trailerBytes: Int = 4096
    ) {
        self.headBytes = Self.clamped(headBytes)
        self.fields = fields
        self.emptyLines = emptyLines
        self.chunkExtensionBytes = chunkExtensionBytes
        self.trailerBytes = trailerBytes
    }

    private static func clamped(_ bytes: Int) -> Int { min(max(bytes, 1), maximumHeadBytes) }
}
