public import PolluxLimits
import Synchronization

/// Keeps memory and file together: keys come from the file, usage goes to it, and when it is away everything goes on.
///
///     each turn     open it, if it is not        notice that it was deleted or replaced
///                   take the right to write      read keys, if somebody wrote
///                   write what waits             forget old requests, now and then
///
/// Nobody waits for it but itself.
public actor StoreKeeper {
    /// What becomes of what the keeper reads.
    public struct Sinks: Sendable {
        /// All keys, whenever they changed.
        public var keys: @Sendable ([KeyRecord]) -> Void = { _ in }
        /// What clients spent in other processes, on top of what was told before.
        public var spending: @Sendable (StoredSpending) -> Void = { _ in }
        public var event: @Sendable (StoreEvent) -> Void = { _ in }

        public init() {}
    }

    private let path: String
    private let queue: UsageQueue
    /// How long single requests are remembered.
    private let retention: Duration
    private let sinks: Sinks
    /// Unix seconds.
    private let now: @Sendable () -> Int
    private var store: Store?
    private var lock: StoreLock?
    private var version: Int?
    private var known: [KeyRecord]?
    /// Readings of keys that began, and the last of those that counted.
    private var readings = (begun: 0, counted: 0)
    private var counted = SpendingRecord()
    private var toldDropped = 0
    private var nextCleaning = 0
    /// Rows that were taken from the queue.
    private var unwritten: ArraySlice<UsageBlock> = []
    private let shared = Mutex(StoreStatus())

    /// How long it rests between two turns: half of what a sudden end may lose.
    public static let rest = Duration.milliseconds(250)
    /// Rows of a transaction at least, when so many wait.
    private static let batch = 2000
    private static let cleaningInterval = 600

    public init(
        path: String, queue: UsageQueue, retention: Duration, sinks: Sinks,
        now: @escaping @Sendable () -> Int
    ) {
        self.path = path
        self.queue = queue
        self.retention = retention
        self.sinks = sinks
        self.now = now
        shared.withLock { $0.since = now() }
    }

    /// How it is, for whoever asks; never waits.
    public nonisolated var status: StoreStatus {
        var status = shared.withLock { $0 }
        status.pending = queue.pending
        status.maximumPending = queue.maximum
        status.dropped = queue.dropped
        return status
    }

    /// Takes turns until the task is cancelled.
    public func run() async {
        while !Task.isCancelled {
            await turn()
            // Cancelled while it rests: then it ends.
            try? await Task.sleep(for: Self.rest)
        }
    }

    /// Writes what is left, and closes the file.
    public func close() async {
        await turn()
        store?.close()
        store = nil
        lock = nil
    }

    public func turn() async {
        do throws(StoreError) {
            let store = try await opened()
            try await readKeys(store)
            if lock == nil { lock = try StoreLock(of: path) }
            if lock != nil { try await writeUsage(try writable(store)) }
            become(lock == nil ? .reading : .writing)
        } catch {
            become(.away(error))
        }
        let dropped = queue.dropped
        if dropped > toldDropped {
            sinks.event(.dropped(dropped - toldDropped))
            toldDropped = dropped
        }
    }

    private func become(_ state: StoreState) {
        let isNew = shared.withLock { status in
            guard status.state != state else { return false }
            status.state = state
            status.since = now()
            return true
        }
        if isNew { sinks.event(.changed(state)) }
    }

    // MARK: The file

    private func opened() async throws(StoreError) -> Store {
        if let store {
            if store.isInPlace { return store }
            // Closed before another is opened: SQLite removes the files beside it by their names.
            store.close()
            self.store = nil
            lock = nil
            version = nil
            throw .gone
        }
        let isMissing = FileIdentity(path: path) == nil
        let store: Store
        do throws(StoreError) {
            store = try Store(path: path)
        } catch .readOnly where !isMissing {
            store = try Store(path: path, access: .readOnly)
        }
        if isMissing, let known {
            try await store.restore(known)
            sinks.event(.remade(keys: known.count))
        }
        self.store = store
        return store
    }

    /// The same file, open for writing, as soon as it lets itself be written again.
    private func writable(_ store: Store) throws(StoreError) -> Store {
        if store.access == .readWrite { return store }
        let writable = try Store(path: path)
        store.close()
        self.store = writable
        version = nil
        return writable
    }

    /// The open file, for reports and changes of keys.
    ///
    /// - Throws: why it is away.
    public func current() throws(StoreError) -> Store {
        if let store { return store }
        if case .away(let error) = status.state { throw error }
        throw .gone
    }

    // MARK: Keys

    /// How many keys there are, by their state.
    public func keyCounts() -> [KeyRecord.State: Int] {
        let now = now()
        return (known ?? []).reduce(into: [:]) { counts, key in counts[key.state(at: now), default: 0] += 1 }
    }

    private func readKeys(_ store: Store) async throws(StoreError) {
        let version = try await store.version()
        guard version != self.version else { return }
        try await readKeysAgain(store)
        self.version = version
        // What this process writes is in its memory already.
        if !hasWritten { try await readSpending(store) }
    }

    private func readKeysAgain(_ store: Store) async throws(StoreError) {
        readings.begun += 1
        let reading = readings.begun
        let keys = try await store.keys()
        // Turns and changes take place side by side: what was read before must not come after, and a key be taken again
        // that was revoked.
        guard reading > readings.counted else { return }
        readings.counted = reading
        guard keys != known else { return }
        known = keys
        sinks.keys(keys)
        shared.withLock { $0.knowsKeys = true }
    }

    /// Changes keys, and makes the change known at once.
    public func change<Value: Sendable>(
        _ body: @Sendable (Store) async throws(StoreError) -> Value
    ) async throws(StoreError) -> Value {
        let store = try current()
        let value = try await body(store)
        try await readKeysAgain(store)
        return value
    }

    // MARK: Usage

    private var hasWritten: Bool { shared.withLock { $0.written > 0 } }

    private func writeUsage(_ store: Store) async throws(StoreError) {
        while true {
            if unwritten.isEmpty { unwritten = queue.takeAll()[...] }
            var count = 0
            var end = unwritten.startIndex
            while end < unwritten.endIndex, count < Self.batch {
                count += unwritten[end].count
                end += 1
            }
            if count == 0 { break }
            if !hasWritten { try await readSpending(store) }
            try await store.write(unwritten[..<end])
            unwritten = unwritten[end...]
            queue.didWrite(count)
            shared.withLock { $0.written += count }
        }
        let now = now()
        guard now >= nextCleaning else { return }
        let end = (now - Int(retention.components.seconds)) * 1000
        if try await !store.forgetRequests(before: end) { nextCleaning = now + Self.cleaningInterval }
    }

    /// Tells what others spent since it was told last: at the start, and as long as another process writes.
    private func readSpending(_ store: Store) async throws(StoreError) {
        let periods = CalendarPeriods(seconds: now())
        var sums = SpendingRecord()
        sums.day = periods.day
        sums.month = periods.month
        sums.daily = try await store.spent(sinceDay: periods.day)
        sums.monthly = try await store.spent(sinceDay: periods.startOfMonth / 86_400)
        for (client, sum) in sums.monthly {
            sinks.spending(sums.increase(of: client, sum, since: counted))
        }
        counted = sums
    }
}

/// What one client spent elsewhere.
public struct StoredSpending: Sendable, Hashable {
    public var client: String
    public var day: Int
    public var month: Int
    public var dayTokens: Int
    public var dayCost: Money
    public var monthTokens: Int
    public var monthCost: Money
}

/// The sums of a day and of its month, by client.
private struct SpendingRecord {
    typealias Sums = [String: (tokens: Int, cost: Money)]

    var day = Int.min
    var month = Int.min
    var daily: Sums = [:]
    var monthly: Sums = [:]

    func increase(
        of client: String, _ sum: (tokens: Int, cost: Money), since earlier: SpendingRecord
    ) -> StoredSpending {
        let none = (tokens: 0, cost: Money.zero)
        let today = daily[client] ?? none
        let dayBefore = earlier.day == day ? earlier.daily[client] ?? none : none
        let monthBefore = earlier.month == month ? earlier.monthly[client] ?? none : none
        return StoredSpending(
            client: client, day: day, month: month, dayTokens: today.tokens &- dayBefore.tokens,
            dayCost: Money(nanodollars: today.cost.nanodollars &- dayBefore.cost.nanodollars),
            monthTokens: sum.tokens &- monthBefore.tokens,
            monthCost: Money(nanodollars: sum.cost.nanodollars &- monthBefore.cost.nanodollars)
        )
    }
}
