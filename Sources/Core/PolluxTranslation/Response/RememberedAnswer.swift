/// Signatures of one answer, for the vault (SIG-010).
public struct RememberedAnswer: Sendable, Equatable {
    /// Each call that had a signature: its id as the client got it.
    public var calls: [(id: String, signature: String)] = []
    /// Each message with a signature or with thoughts in it: its `content` as the client got it.
    public var messages: [(content: [UInt8], remembered: RememberedMessage)] = []

    public init() {}

    public var isEmpty: Bool { calls.isEmpty && messages.isEmpty }

    public static func == (first: Self, second: Self) -> Bool {
        first.calls.elementsEqual(second.calls) { $0.id == $1.id && $0.signature == $1.signature }
            && first.messages.elementsEqual(second.messages) {
                $0.content == $1.content && $0.remembered == $1.remembered
            }
    }
}

/// The `content` of one choice as it is written, to be remembered with its runs.
struct ContentRecord {
    /// What is longer is not remembered.
    static let maximumBytes = 1 << 20

    private(set) var content: [UInt8] = []
    private(set) var runs: [RememberedMessage.Run] = []
    private(set) var isTooLong = false

    mutating func append(_ text: [UInt8], isThought: Bool?) {
        guard !isTooLong else { return }
        let start = content.count
        content.append(contentsOf: text)
        if content.count > Self.maximumBytes {
            isTooLong = true
            content = []
            runs = []
            return
        }
        guard let isThought, !text.isEmpty else { return }
        if let last = runs.last, last.isThought == isThought, last.source.upperBound == start {
            runs[runs.count - 1].source = last.source.lowerBound..<content.count
        } else {
            runs.append(.init(isThought: isThought, source: start..<content.count))
        }
    }

    mutating func append(tag: String) { append(Array(tag.utf8), isThought: nil) }

    func remembered(signature: String?) -> RememberedMessage? {
        let showsThoughts = runs.contains(where: \.isThought)
        guard !isTooLong, !content.isEmpty, signature != nil || showsThoughts else { return nil }
        return RememberedMessage(signature: signature, runs: showsThoughts ? runs : [])
    }
}
