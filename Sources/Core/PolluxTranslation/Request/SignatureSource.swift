/// Thought signatures that the gateway remembered for clients that drop them (SIG-010).
///
/// Whoever implements it answers only with what belongs to this tenant, this backend and this model
/// family (SIG-009).
public protocol SignatureSource {
    /// The signature of the call with this id.
    func signature(forCall id: String) -> String?
    /// Nothing is remembered, so that asking can be left out.
    var isEmpty: Bool { get }
    /// What is known of an assistant message with exactly this `content`.
    func message(content: Span<UInt8>) -> RememberedMessage?

    /// A signature that the client sent along may be another backend's, to which alone it means something; then
    /// `accepts` must be asked.
    var checksOrigin: Bool { get }
    /// Whether the signature that came with this call may be sent.
    func accepts(call id: String) -> Bool
    /// Whether the signature that came with a message of this content may be sent; without any, of a part.
    func accepts(content: Span<UInt8>) -> Bool
}

extension SignatureSource {
    public var checksOrigin: Bool { false }
    public func accepts(call id: String) -> Bool { true }
    public func accepts(content: Span<UInt8>) -> Bool { true }
}

/// What an assistant message was before it became one string.
public struct RememberedMessage: Sendable, Equatable {
    /// A stretch of the content.
    public struct Run: Sendable, Equatable {
        public var isThought: Bool
        /// UTF-8 bytes of the content, tags included.
        public var source: Range<Int>

        public init(isThought: Bool, source: Range<Int>) {
            self.isThought = isThought
            self.source = source
        }
    }

    /// The signature of its last part.
    public var signature: String?
    /// Its runs, tags left out, when thoughts were shown; else empty.
    public var runs: [Run]

    public init(signature: String?, runs: [Run]) {
        self.signature = signature
        self.runs = runs
    }
}

/// Remembers nothing.
public struct NoSignatures: SignatureSource, Sendable {
    public init() {}
    public var isEmpty: Bool { true }
    public func signature(forCall id: String) -> String? { nil }
    public func message(content: Span<UInt8>) -> RememberedMessage? { nil }
}
