internal import Crypto
public import PolluxTranslation
internal import Synchronization

/// Speech that clients may name by its id in a later request (AUD-005, MSG-017).
///
/// Only the tenant that got it finds it again: the key is a digest of both.
///
/// - Limit: ``maximumBytes`` and ``maximumEntries`` in all; what was used least recently goes first. What is
///   older than `timeToLive` is gone, as its `expires_at` said.
public final class AudioCache: Sendable {
    public static let maximumBytes = 64 << 20
    public static let maximumEntries = 4096
    /// What an entry costs beside its speech.
    private static let entryOverhead = 160

    private let state: Mutex<RecencyCache<SHA256Digest, RememberedAudio>>

    /// - Parameter timeToLive: in seconds.
    public init(timeToLive: Int, maximumBytes: Int = maximumBytes, maximumEntries: Int = maximumEntries) {
        state = Mutex(
            RecencyCache(
                maximumBytes: maximumBytes, maximumEntries: maximumEntries, timeToLive: timeToLive, slides: false
            )
        )
    }

    /// Bytes and entries held.
    public var status: (bytes: Int, entries: Int) { state.withLock { ($0.bytes, $0.count) } }

    /// Another time to live from now on, in seconds.
    func limit(timeToLive: Int) { state.withLock { $0.limit(timeToLive: timeToLive) } }

    /// Keeps what an answer said.
    public func remember(_ answer: RememberedAnswer, tenant: String, now: Int) {
        for audio in answer.audio {
            let key = Self.key(tenant, audio.id)
            let bytes = audio.content.count + Self.entryOverhead
            state.withLock { $0.insert(audio, for: key, bytes: bytes, now: now) }
        }
    }

    /// What a tenant was told by this id; `nil` when it is unknown or gone.
    public func audio(id: String, tenant: String, now: Int) -> RememberedAudio? {
        let key = Self.key(tenant, id)
        return state.withLock { $0.use(key, now: now) }
    }

    private static func key(_ tenant: String, _ id: String) -> SHA256Digest {
        var hash = SHA256()
        hash.update(data: Array(tenant.utf8))
        hash.update(data: [0])
        hash.update(data: Array(id.utf8))
        return hash.finalize()
    }
}
