internal import Crypto
public import PolluxTranslation
internal import Synchronization

/// Thought signatures, kept for clients that drop what they do not know (SIG-010).
///
/// A signature is found again by the id of its tool call, or by the exact text of its message, and only
/// by the tenant that got it, for the backend and the model family that made it: the key is a digest of all of
/// these, so nothing about a signature can be read from an id.
///
/// - Limit: `maximumBytes` in all; the entries that were used least recently go first. An entry that is not
///   used for `timeToLive` is gone.
public final class SignatureVault: Sendable {
    /// Who may find a signature again.
    public struct Scope: Sendable, Hashable {
        /// Gateway key, or the place that a passthrough token belongs to.
        public var tenant: String
        public var backend: String
        /// Gemini 3 and later; signatures of other families mean nothing to it (SIG-009).
        public var needsSignatures: Bool

        public init(tenant: String, backend: String, needsSignatures: Bool) {
            self.tenant = tenant
            self.backend = backend
            self.needsSignatures = needsSignatures
        }
    }

    private struct State {
        var entries: RecencyCache<ContentKey, RememberedMessage>
        var hits = 0
        var misses = 0
    }

    /// What an entry costs beside its texts.
    private static let entryOverhead = 160
    private let state: Mutex<State>

    /// - Parameter timeToLive: in seconds.
    public init(maximumBytes: Int, timeToLive: Int) {
        state = Mutex(
            State(entries: RecencyCache(maximumBytes: maximumBytes, timeToLive: timeToLive, slides: true))
        )
    }

    /// Bytes held, hits and misses so far.
    public var status: (bytes: Int, entries: Int, hits: Int, misses: Int) {
        state.withLock { ($0.entries.bytes, $0.entries.count, $0.hits, $0.misses) }
    }

    public var isEmpty: Bool { state.withLock { $0.entries.isEmpty } }

    /// Other limits from now on.
    ///
    /// - Parameter timeToLive: in seconds.
    func limit(maximumBytes: Int, timeToLive: Int) {
        state.withLock { $0.entries.limit(maximumBytes: maximumBytes, timeToLive: timeToLive) }
    }

    // MARK: Remembering

    /// For the content of messages that are to be found again in this scope.
    public func digest(in scope: Scope) -> some ContentDigest { ScopedDigest(hash: hash(scope, "text")) }

    /// Keeps what an answer brought.
    ///
    /// - Parameter scope: in which the keys of its messages were made, see ``digest(in:)``.
    public func remember(_ answer: RememberedAnswer, in scope: Scope, now: Int) {
        if answer.isEmpty { return }
        for call in answer.calls {
            insert(RememberedMessage(signature: call.signature, runs: []), key(scope, call: call.id), now)
        }
        for message in answer.messages { insert(message.remembered, message.content, now) }
    }

    private func insert(_ message: RememberedMessage, _ key: ContentKey, _ now: Int) {
        let bytes = Self.entryOverhead + (message.signature?.utf8.count ?? 0) + message.runs.count * 24
        state.withLock { $0.entries.insert(message, for: key, bytes: bytes, now: now) }
    }

    // MARK: Finding

    func message(call id: String, in scope: Scope, now: Int) -> RememberedMessage? { find(key(scope, call: id), now) }

    func message(content: Span<UInt8>, in scope: Scope, now: Int) -> RememberedMessage? {
        find(key(scope, content: content), now)
    }

    private func find(_ key: ContentKey, _ now: Int) -> RememberedMessage? {
        state.withLock { (state) -> RememberedMessage? in
            let message = state.entries.use(key, now: now)
            if message == nil { state.misses += 1 } else { state.hits += 1 }
            return message
        }
    }

    // MARK: Keys

    private func key(_ scope: Scope, call id: String) -> ContentKey {
        var digest = ScopedDigest(hash: hash(scope, "call"))
        digest.append(id.utf8Span.span)
        return digest.key
    }

    private func key(_ scope: Scope, content: Span<UInt8>) -> ContentKey {
        var digest = digest(in: scope)
        digest.append(content)
        return digest.key
    }

    private func hash(_ scope: Scope, _ kind: String) -> SHA256 {
        var hash = SHA256()
        for part in [scope.tenant, scope.backend, scope.needsSignatures ? "3" : "2", kind] {
            hash.update(data: Array(part.utf8))
            hash.update(data: [0])
        }
        return hash
    }
}

/// SHA-256 of a scope and a text.
private struct ScopedDigest: ContentDigest {
    var hash: SHA256

    mutating func append(_ bytes: Span<UInt8>) {
        unsafe bytes.withUnsafeBufferPointer { unsafe hash.update(bufferPointer: UnsafeRawBufferPointer($0)) }
    }

    /// The first 128 bits: nobody finds two texts with the same.
    var key: ContentKey {
        var words: (UInt64, UInt64) = (0, 0)
        for (index, byte) in hash.finalize().prefix(16).enumerated() {
            if index < 8 { words.0 = words.0 << 8 | UInt64(byte) } else { words.1 = words.1 << 8 | UInt64(byte) }
        }
        return ContentKey(words: words)
    }
}

/// The vault as one request sees it.
public struct ScopedSignatures: SignatureSource {
    private let vault: SignatureVault
    private let scope: SignatureVault.Scope
    /// Where a conversation may have come from: the pool's other backends.
    private let others: [SignatureVault.Scope]
    private let acceptsUnknown: Bool
    private let now: Int

    /// - Parameters:
    ///   - others: the scopes of backends that may have made a signature which the client sends.
    ///   - acceptsUnknown: whether a client's signature is sent although nobody remembers it.
    public init(
        _ vault: SignatureVault, _ scope: SignatureVault.Scope, others: [SignatureVault.Scope] = [],
        acceptsUnknown: Bool = true, now: Int
    ) {
        self.vault = vault
        self.scope = scope
        self.others = others
        self.acceptsUnknown = acceptsUnknown
        self.now = now
    }

    public var isEmpty: Bool { vault.isEmpty }

    public func signature(forCall id: String) -> String? {
        vault.message(call: id, in: scope, now: now)?.signature
    }

    public func message(content: Span<UInt8>) -> RememberedMessage? {
        vault.message(content: content, in: scope, now: now)
    }

    public var checksOrigin: Bool { !others.isEmpty }

    public func accepts(call id: String) -> Bool {
        if vault.message(call: id, in: scope, now: now) != nil { return true }
        return acceptsUnknown && !others.contains { vault.message(call: id, in: $0, now: now) != nil }
    }

    public func accepts(content: Span<UInt8>) -> Bool {
        if vault.message(content: content, in: scope, now: now) != nil { return true }
        if !acceptsUnknown { return false }
        for other in others where vault.message(content: content, in: other, now: now) != nil { return false }
        return true
    }
}

/// For a backend that did not have the conversation before, where nobody remembers what it made itself.
public struct ForeignSignatures: SignatureSource, Sendable {
    public init() {}
    public var isEmpty: Bool { true }
    public var checksOrigin: Bool { true }
    public func signature(forCall id: String) -> String? { nil }
    public func message(content: Span<UInt8>) -> RememberedMessage? { nil }
    public func accepts(call id: String) -> Bool { false }
    public func accepts(content: Span<UInt8>) -> Bool { false }
}
