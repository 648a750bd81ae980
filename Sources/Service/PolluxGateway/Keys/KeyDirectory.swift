public import PolluxConfiguration
public import PolluxLimits
internal import Synchronization

/// Knows all keys, those of the configuration and those of the store, and tells servers when they change.
///
/// It outlives gateways, which a new configuration replaces: what keys have in use stands here, by their names.
public final class KeyDirectory: Sendable {
    fileprivate struct State {
        var configured: [ClientKey.Definition] = []
        /// `nil` while a store there should be was not read.
        var stored: [ClientKey.Definition]? = []
        var meters: [KeyName: KeyMeter] = [:]
        var ring = KeyRing([], isComplete: true)
        var listeners: [@Sendable (KeyRing) -> Void] = []
    }

    private let state = Mutex(State())

    /// - Parameter hasStore: further keys will come from a store.
    public init(_ auth: Configuration.Auth, hasStore: Bool = false) {
        state.withLock { state in
            state.stored = hasStore ? nil : []
            state.configured = auth.keys.map(ClientKey.Definition.init)
            state.makeRing()
        }
    }

    public var ring: KeyRing { state.withLock { $0.ring } }

    /// Calls `listener` with the ring, now and whenever there is another one.
    public func listen(_ listener: @escaping @Sendable (KeyRing) -> Void) {
        let ring = state.withLock { state in
            state.listeners.append(listener)
            return state.ring
        }
        listener(ring)
    }

    /// The configuration's keys are these from now on.
    public func configure(_ auth: Configuration.Auth) {
        change { $0.configured = auth.keys.map(ClientKey.Definition.init) }
    }

    /// The store's keys are these from now on.
    ///
    /// - Returns: names that the configuration has, too: its keys win.
    @discardableResult
    public func store(_ keys: [ClientKey.Definition]) -> [String] {
        change { $0.stored = keys }
        let names = state.withLock { $0.configuredNames }
        return keys.map(\.name).filter { names.contains(KeyName($0)) }
    }

    /// What the keys of this name have in use; begun when it is new.
    public func meter(_ name: String) -> KeyMeter { state.withLock { $0.meter(name) } }

    private func change(_ body: (inout State) -> Void) {
        let (ring, listeners) = state.withLock { state in
            body(&state)
            state.makeRing()
            return (state.ring, state.listeners)
        }
        for listener in listeners { listener(ring) }
    }
}

extension KeyDirectory.State {
    fileprivate var configuredNames: Set<KeyName> { Set(configured.map { KeyName($0.name) }) }

    fileprivate mutating func meter(_ name: String) -> KeyMeter {
        let name = KeyName(name)
        if let meter = meters[name] { return meter }
        let meter = KeyMeter()
        meters[name] = meter
        return meter
    }

    fileprivate mutating func makeRing() {
        let names = configuredNames
        var keys: [ClientKey] = []
        for definition in configured + (stored ?? []).filter({ !names.contains(KeyName($0.name)) }) {
            let meter = meter(definition.name)
            var digests: [(bytes: [UInt8], until: Int?)] = [(definition.digest, nil)]
            if let previous = definition.previous { digests.append((previous.digest, previous.until)) }
            for (bytes, until) in digests {
                guard let digest = KeyDigest(bytes) else { continue }
                let expires = [until, definition.expires].compactMap(\.self).min()
                keys.append(ClientKey(definition, digest: digest, expires: expires, meter: meter))
            }
        }
        ring = KeyRing(keys, isComplete: stored != nil)
    }
}

extension ClientKey.Definition {
    /// A key of the configuration.
    init(_ key: Configuration.Auth.Key) {
        self.init(name: key.name, digest: key.sha256)
        models = key.models
        projects = key.projects
        limits = key.limits
    }
}
