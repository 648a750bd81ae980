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

    fileprivate struct Key: Hashable {
        var words: (UInt64, UInt64)

        static func == (first: Key, second: Key) -> Bool { first.words == second.words }
        func hash(into hasher: inout Hasher) { hasher.combine(words.0) }
    }

    fileprivate struct Entry {
        var key: Key
        var message: RememberedMessage
        var bytes: Int
        var lastUse: Int
        var newer: Int?
        var older: Int?
    }

    fileprivate struct State {
        var places: [Key: Int] = [:]
        var entries: [Entry?] = []
        var free: [Int] = []
        var newest: Int?
        var oldest: Int?
        var bytes = 0
        var hits = 0
        var misses = 0
    }

    /// What an entry costs beside its texts.
    private static let entryOverhead = 160
    private let maximumBytes: Int
    private let timeToLive: Int
    private let state = Mutex(State())

    /// - Parameter timeToLive: in seconds.
    public init(maximumBytes: Int, timeToLive: Int) {
        self.maximumBytes = maximumBytes
        self.timeToLive = timeToLive
    }

    /// Bytes held, hits and misses so far.
    public var status: (bytes: Int, entries: Int, hits: Int, misses: Int) {
        state.withLock { ($0.bytes, $0.places.count, $0.hits, $0.misses) }
    }

    public var isEmpty: Bool { state.withLock { $0.places.isEmpty } }

    // MARK: Remembering

    /// Keeps what an answer brought.
    public func remember(_ answer: RememberedAnswer, in scope: Scope, now: Int) {
        if answer.isEmpty { return }
        for call in answer.calls {
            insert(RememberedMessage(signature: call.signature, runs: []), key(scope, call: call.id), now)
        }
        for message in answer.messages { insert(message.remembered, key(scope, content: message.content.span), now) }
    }

    private func insert(_ message: RememberedMessage, _ key: Key, _ now: Int) {
        let bytes = Self.entryOverhead + (message.signature?.utf8.count ?? 0) + message.runs.count * 24
        guard bytes <= maximumBytes else { return }
        state.withLock { state in
            if let place = state.places[key] { state.remove(place) }
            while state.bytes + bytes > maximumBytes, let oldest = state.oldest { state.remove(oldest) }
            state.insert(Entry(key: key, message: message, bytes: bytes, lastUse: now))
        }
    }

    // MARK: Finding

    func message(call id: String, in scope: Scope, now: Int) -> RememberedMessage? { find(key(scope, call: id), now) }

    func message(content: Span<UInt8>, in scope: Scope, now: Int) -> RememberedMessage? {
        find(key(scope, content: content), now)
    }

    private func find(_ key: Key, _ now: Int) -> RememberedMessage? {
        state.withLock { (state) -> RememberedMessage? in
            guard let place = state.places[key], let entry = state.entries[place] else {
                state.misses += 1
                return nil
            }
            guard now - entry.lastUse <= timeToLive else {
                state.remove(place)
                state.misses += 1
                return nil
            }
            state.hits += 1
            state.remove(place)
            state.insert(Entry(key: key, message: entry.message, bytes: entry.bytes, lastUse: now))
            return entry.message
        }
    }

    // MARK: Keys

    private func key(_ scope: Scope, call id: String) -> Key {
        var hash = hash(scope, "call")
        hash.update(data: Array(id.utf8))
        return Self.key(hash)
    }

    private func key(_ scope: Scope, content: Span<UInt8>) -> Key {
        var hash = hash(scope, "text")
        unsafe content.withUnsafeBufferPointer { unsafe hash.update(bufferPointer: UnsafeRawBufferPointer($0)) }
        return Self.key(hash)
    }

    private func hash(_ scope: Scope, _ kind: String) -> SHA256 {
        var hash = SHA256()
        for part in [scope.tenant, scope.backend, scope.needsSignatures ? "3" : "2", kind] {
            hash.update(data: Array(part.utf8))
            hash.update(data: [0])
        }
        return hash
    }

    /// The first 128 bits of the digest: nobody finds two texts with the same.
    private static func key(_ hash: SHA256) -> Key {
        var words: (UInt64, UInt64) = (0, 0)
        for (index, byte) in hash.finalize().prefix(16).enumerated() {
            if index < 8 { words.0 = words.0 << 8 | UInt64(byte) } else { words.1 = words.1 << 8 | UInt64(byte) }
        }
        return Key(words: words)
    }
}

/// A list by last use, within an array of places.
extension SignatureVault.State {
    fileprivate mutating func insert(_ entry: SignatureVault.Entry) {
        var entry = entry
        entry.older = newest
        entry.newer = nil
        let place: Int
        if let free = free.popLast() {
            place = free
        } else {
            place = entries.count
            entries.append(nil)
        }
        if let newest { entries[newest]?.newer = place }
        newest = place
        if oldest == nil { oldest = place }
        entries[place] = entry
        places[entry.key] = place
        bytes += entry.bytes
    }

    fileprivate mutating func remove(_ place: Int) {
        guard let entry = entries[place] else { return }
        if let newer = entry.newer { entries[newer]?.older = entry.older } else { newest = entry.older }
        if let older = entry.older { entries[older]?.newer = entry.newer } else { oldest = entry.newer }
        entries[place] = nil
        places[entry.key] = nil
        free.append(place)
        bytes -= entry.bytes
    }
}

/// The vault as one request sees it.
public struct ScopedSignatures: SignatureSource {
    private let vault: SignatureVault
    private let scope: SignatureVault.Scope
    private let now: Int

    public init(_ vault: SignatureVault, _ scope: SignatureVault.Scope, now: Int) {
        self.vault = vault
        self.scope = scope
        self.now = now
    }

    public var isEmpty: Bool { vault.isEmpty }

    public func signature(forCall id: String) -> String? {
        vault.message(call: id, in: scope, now: now)?.signature
    }

    public func message(content: Span<UInt8>) -> RememberedMessage? {
        vault.message(content: content, in: scope, now: now)
    }
}
