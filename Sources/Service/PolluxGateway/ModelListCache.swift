internal import Synchronization

/// What upstreams list, kept for a while (MOD-006).
///
/// A list that is too old is still there for the case that no new one can be had.
///
/// - Limit: ``maximumLists``; when there are more, all are forgotten and asked for anew.
public final class ModelListCache: Sendable {
    /// Whose list it is: tenants never share, since a credential may decide what is listed.
    public struct Key: Hashable, Sendable {
        public var backend: String
        public var tenant: String

        public init(backend: String, tenant: String) {
            self.backend = backend
            self.tenant = tenant
        }
    }

    private struct Entry {
        var ids: [String]
        /// Seconds: until then nobody asks the upstream.
        var freshUntil: Int
    }

    public static let maximumLists = 256
    /// After a failure the upstream is left alone for so long, in seconds, or for the time to live if that is less.
    public static let pauseAfterFailure = 30

    private let timeToLive: Int
    private let entries = Mutex<[Key: Entry]>([:])

    /// - Parameter timeToLive: in seconds.
    public init(timeToLive: Int) { self.timeToLive = timeToLive }

    /// The list, unless it is too old.
    public func fresh(_ key: Key, now: Int) -> [String]? {
        entries.withLock { entries in
            guard let entry = entries[key], now < entry.freshUntil else { return nil }
            return entry.ids
        }
    }

    /// The list, however old, since no new one could be had.
    public func stale(_ key: Key, now: Int) -> [String]? {
        entries.withLock { entries in
            guard var entry = entries[key] else { return nil }
            entry.freshUntil = now + min(timeToLive, Self.pauseAfterFailure)
            entries[key] = entry
            return entry.ids
        }
    }

    public func keep(_ ids: [String], for key: Key, now: Int) {
        entries.withLock { entries in
            if entries.count >= Self.maximumLists, entries[key] == nil { entries.removeAll() }
            entries[key] = Entry(ids: ids, freshUntil: now + timeToLive)
        }
    }
}
