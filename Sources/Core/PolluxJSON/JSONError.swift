/// Why bytes are not the JSON we accept, and where.
public struct JSONError: Error, Sendable, Equatable {
    public enum Reason: Sendable, Equatable {
        case unexpectedEnd
        case unexpectedByte
        case invalidUTF8
        case invalidEscape
        case loneSurrogate
        case controlCharacter
        case invalidNumber
        case tooDeep
        case tooManyValues
        case tooLarge
        case bytesBehindValue
    }

    public var reason: Reason
    /// Bytes before the fault.
    public var offset: Int

    @inlinable
    public init(_ reason: Reason, at offset: Int) {
        self.reason = reason
        self.offset = offset
    }
}

/// What a document may cost us.
public struct JSONLimits: Sendable {
    /// Arrays and objects inside each other.
    public var maximumDepth: Int
    /// Values and keys together; each takes 16 bytes of tape.
    public var maximumValues: Int
    /// Whether `"\ud83d"` without its second half is let through. Clients get an error; an upstream's
    /// text is relayed as it came.
    public var acceptsLoneSurrogates: Bool

    public init(maximumDepth: Int = 512, maximumValues: Int = 4_000_000, acceptsLoneSurrogates: Bool = false) {
        self.maximumDepth = maximumDepth
        self.maximumValues = maximumValues
        self.acceptsLoneSurrogates = acceptsLoneSurrogates
    }
}
