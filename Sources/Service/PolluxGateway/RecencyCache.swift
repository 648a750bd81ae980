/// Values by key, bounded in bytes, in number and in time: those that were used least recently go first.
///
/// - Cost: every operation is O(1); the order of use is a list within an array of places.
struct RecencyCache<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private struct Entry {
        var key: Key
        var value: Value
        var bytes: Int
        /// Seconds: since then the time to live is counted.
        var time: Int
        var newer: Int?
        var older: Int?
    }

    private var maximumBytes: Int
    private let maximumEntries: Int
    private var timeToLive: Int
    /// A use begins the time anew.
    private let slides: Bool
    private var places: [Key: Int] = [:]
    private var entries: [Entry?] = []
    private var free: [Int] = []
    private var newest: Int?
    private var oldest: Int?
    private(set) var bytes = 0

    /// - Parameter timeToLive: in seconds.
    init(maximumBytes: Int, maximumEntries: Int = .max, timeToLive: Int, slides: Bool) {
        self.maximumBytes = maximumBytes
        self.maximumEntries = maximumEntries
        self.timeToLive = timeToLive
        self.slides = slides
    }

    /// Other limits from now on; what is too much for them goes.
    mutating func limit(maximumBytes: Int? = nil, timeToLive: Int) {
        self.maximumBytes = maximumBytes ?? self.maximumBytes
        self.timeToLive = timeToLive
        while bytes > self.maximumBytes, let oldest { remove(oldest) }
    }

    var count: Int { places.count }
    var isEmpty: Bool { places.isEmpty }

    /// Keeps a value, in place of the one that has the key. What alone is larger than the whole is not kept.
    ///
    /// - Parameter bytes: what it costs.
    mutating func insert(_ value: Value, for key: Key, bytes: Int, now: Int) {
        if let place = places[key] { remove(place) }
        guard bytes <= maximumBytes else { return }
        while self.bytes + bytes > maximumBytes || places.count >= maximumEntries, let oldest { remove(oldest) }
        link(Entry(key: key, value: value, bytes: bytes, time: now))
    }

    /// The value, which is now the one that was used last.
    mutating func use(_ key: Key, now: Int) -> Value? {
        guard let place = places[key], let entry = entries[place] else { return nil }
        remove(place)
        guard now - entry.time <= timeToLive else { return nil }
        link(Entry(key: key, value: entry.value, bytes: entry.bytes, time: slides ? now : entry.time))
        return entry.value
    }

    private mutating func link(_ entry: Entry) {
        var entry = entry
        entry.older = newest
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
        places[entry.key] = place
        bytes += entry.bytes
        entries[place] = entry
    }

    private mutating func remove(_ place: Int) {
        guard let entry = entries[place] else { return }
        if let newer = entry.newer { entries[newer]?.older = entry.older } else { newest = entry.older }
        if let older = entry.older { entries[older]?.newer = entry.newer } else { oldest = entry.newer }
        entries[place] = nil
        places[entry.key] = nil
        free.append(place)
        bytes -= entry.bytes
    }
}
