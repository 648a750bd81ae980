/// Speech of earlier answers, which a client names by its id (MSG-017, AUD-005).
///
/// Whoever implements it answers only with what belongs to this tenant.
public protocol AudioSource {
    /// The speech with this id; `nil` when it is unknown or gone.
    func audio(id: String) -> RememberedAudio?
}

/// Speech that went to a client.
public struct RememberedAudio: Sendable, Equatable {
    /// What is longer is not remembered: it could not be sent back within one request either.
    static let maximumBytes = 16 << 20

    /// `audio.id`, as the client got it.
    public var id: String
    /// Of samples a WAV file, in whatever format the client got them: it says its own rate, and every model reads it.
    public var content: [UInt8]
    public var mimeType: String

    public init(id: String, content: [UInt8], mimeType: String = "audio/wav") {
        self.id = id
        self.content = content
        self.mimeType = mimeType
    }
}

/// Remembers nothing.
public struct NoAudio: AudioSource, Sendable {
    public init() {}
    public func audio(id: String) -> RememberedAudio? { nil }
}
