import FoundationEssentials
import PolluxLimits
import PolluxObservation
import PolluxSecret
import PolluxStore
import Synchronization

/// A folder that is there as long as somebody holds it, and a store's file in it.
final class Scratch: Sendable {
    let folder: String
    var path: String { folder + "/pollux.db" }

    init() throws {
        folder = FileManager.default.temporaryDirectory.path() + "/pollux-store-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    func store(_ access: Store.Access = .readWrite) throws -> Store { try Store(path: path, access: access) }

    func remove() throws {
        for name in try FileManager.default.contentsOfDirectory(atPath: folder) where !name.hasSuffix(".lock") {
            try FileManager.default.removeItem(atPath: folder + "/" + name)
        }
    }
}

/// Everything that a keeper told.
final class Told: Sendable {
    private struct State {
        var keys: [[String]] = []
        var events: [StoreEvent] = []
        var spending: [StoredSpending] = []
    }

    private let state = Mutex(State())

    var keys: [[String]] { state.withLock { $0.keys } }
    var events: [StoreEvent] { state.withLock { $0.events } }
    var spending: [StoredSpending] { state.withLock { $0.spending } }

    var sinks: StoreKeeper.Sinks {
        var sinks = StoreKeeper.Sinks()
        sinks.keys = { records in self.state.withLock { $0.keys.append(records.map(\.name)) } }
        sinks.event = { event in self.state.withLock { $0.events.append(event) } }
        sinks.spending = { spending in self.state.withLock { $0.spending.append(spending) } }
        return sinks
    }
}

/// 2026-11-29, 12:00 UTC.
let noon = 1_795_953_600

extension StoreKeeper {
    init(_ path: String, _ queue: UsageQueue, _ told: Told) {
        self.init(path: path, queue: queue, retention: .seconds(90 * 86_400), sinks: told.sinks, now: { noon })
    }
}

extension Store {
    @discardableResult
    func create(_ name: String, _ change: (inout KeyDraft) -> Void = { _ in }) async throws -> KeyRecord {
        var draft = KeyDraft(name: name)
        change(&draft)
        return try await create(draft, digest: KeyText.digest(KeyText.new()), now: noon)
    }
}

extension UsageQueue {
    /// Takes requests of which these rows will be made, from an event loop.
    func append(_ rows: [UsageRow]) {
        let sink = sink()
        for row in rows { sink.append(RequestRecord(row)) }
        sink.flush()
    }
}

extension RequestRecord {
    init(_ row: UsageRow) {
        self.init()
        operation = .chat
        requestID = row.requestID
        client = row.client
        model = row.model
        backend = row.backend
        location = row.location
        tokens = row.counts
        cost = row.cost?.nanodollars
        status = row.status
        error = row.error
        finishReason = row.finish ?? ""
        isStream = row.isStream
        isTruncated = row.isTruncated
        timings.received = 1_000_000
        timings.end = timings.received + UInt64(row.latency) * 1_000_000
        if let firstToken = row.firstToken { timings.firstToken = timings.received + UInt64(firstToken) * 1_000_000 }
        endedAt = (row.time + row.latency) * 1_000_000
    }
}

/// One request's row.
func row(_ client: String = "team", model: String = "gemini-2.5-flash", status: Int = 200, tokens: Int = 10) -> UsageRow
{
    var row = UsageRow()
    row.time = noon * 1000
    row.requestID = "r"
    row.client = client
    row.model = model
    row.backend = "vertex"
    row.location = "eu"
    row.counts.prompt = tokens
    row.counts.completion = 1
    row.cost = Money(nanodollars: tokens)
    row.status = status
    return row
}
