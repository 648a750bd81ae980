/// What the gateway keeps of one answer: signatures (SIG-010) and speech (AUD-005).
public struct RememberedAnswer: Sendable, Equatable {
    /// Each call that had a signature: its id as the client got it.
    public var calls: [(id: String, signature: String)] = []
    /// Each message with a signature or with thoughts in it: the key of its `content` as the client got it.
    public var messages: [(content: ContentKey, remembered: RememberedMessage)] = []

    /// Speech, when it is to be remembered (AUD-005).
    public var audio: [RememberedAudio] = []

    public init() {}

    /// Whether there is no signature and no message to keep.
    public var isEmpty: Bool { calls.isEmpty && messages.isEmpty }

    public static func == (first: Self, second: Self) -> Bool {
        first.calls.elementsEqual(second.calls) { $0.id == $1.id && $0.signature == $1.signature }
            && first.messages.elementsEqual(second.messages) {
                $0.content == $1.content && $0.remembered == $1.remembered
            } && first.audio == second.audio
    }
}
