import PolluxJSON
import PolluxLimits
import PolluxObservation

/// Rows on their way to the store, as they will stand there, and the sums of their days.
///
///     [[1780000000000,"id","team","gemini-2.5-flash","vertex","eu",40,30,0,12,7,0,56700,200,null,812,230,"stop",1,0],…]
///
/// Rows that are written together are one row of the table: an array of JSON, and in it an array for each request. A row of
/// the table for each of them took some two microseconds more (docs/performance.md). The view `request` shows them as rows,
/// for whoever asks with SQL.
struct UsageBlock: Sendable {
    private(set) var count = 0
    /// Rows for which there was no room.
    private(set) var left = 0
    /// When the last of them began, in milliseconds since 1970.
    private(set) var last = Int.min
    private(set) var sums: [UsageDay: UsageTotals] = [:]
    /// Arrays with commas between them.
    private var requests: [UInt8] = []

    private static let usualRowBytes = 160

    init() {}

    /// - Parameters:
    ///   - room: rows that are taken; all others are ``left``.
    ///   - row: of `places` places, where there is one.
    init(_ places: Range<Int>, room: Int, row: (Int) -> UsageRow?) {
        var writer = JSONWriter(minimumCapacity: places.count * Self.usualRowBytes)
        // Rows that follow each other are most often of the same day, client and model: these are added up before their
        // sum is looked up.
        var run: UsageDay?
        var totals = UsageTotals()
        for place in places {
            guard let row = row(place) else { continue }
            guard count < room else {
                left += 1
                continue
            }
            count += 1
            last = max(last, row.time)
            writer.write(row)
            if run?.includes(row) != true {
                if let run { sums[run, default: UsageTotals()].add(totals) }
                run = UsageDay(row)
                totals = UsageTotals()
            }
            totals.add(row)
        }
        if let run { sums[run, default: UsageTotals()].add(totals) }
        requests = writer.output.array()
    }

    mutating func add(_ other: UsageBlock) {
        if !requests.isEmpty { requests.append(UInt8(ascii: ",")) }
        requests += other.requests
        count += other.count
        last = max(last, other.last)
        for (day, totals) in other.sums { sums[day, default: UsageTotals()].add(totals) }
    }

    var json: String { "[" + String(copying: requests.span) + "]" }
}

/// What is summed up together.
struct UsageDay: Hashable {
    let day: Int
    let client: String
    let model: String
    let backend: String
    let location: String

    init(_ row: UsageRow) {
        day = row.time / 86_400_000
        client = row.client
        model = Self.model(row)
        backend = row.backend
        location = row.location
    }

    func includes(_ row: UsageRow) -> Bool {
        day == row.time / 86_400_000 && client == row.client && model == Self.model(row) && backend == row.backend
            && location == row.location
    }

    /// A name that no upstream knows is anybody's invention: all of them are summed up under none.
    private static func model(_ row: UsageRow) -> String { row.status == 404 ? "" : row.model }
}

extension UsageTotals {
    fileprivate mutating func add(_ row: UsageRow) {
        requests += 1
        if row.status >= 400 { errors += 1 }
        if row.isTruncated { truncated += 1 }
        if row.cost == nil, row.counts.prompt + row.counts.completion > 0 { unpriced += 1 }
        counts.add(row.counts)
        if let cost = row.cost { self.cost = self.cost + cost }
    }

    fileprivate mutating func add(_ other: UsageTotals) {
        requests += other.requests
        errors += other.errors
        truncated += other.truncated
        unpriced += other.unpriced
        counts.add(other.counts)
        cost = cost + other.cost
    }
}

extension JSONWriter {
    /// In the order of the view's columns.
    fileprivate mutating func write(_ row: UsageRow) {
        beginArray()
        integer(row.time)
        string(text: row.requestID)
        string(text: row.client)
        string(text: row.model)
        string(text: row.backend)
        string(text: row.location)
        integer(row.counts.prompt)
        integer(row.counts.cached)
        integer(row.counts.promptAudio)
        integer(row.counts.completion)
        integer(row.counts.thinking)
        integer(row.counts.completionAudio)
        optional(row.cost?.nanodollars)
        integer(row.status)
        optional(row.error)
        integer(row.latency)
        optional(row.firstToken)
        optional(row.finish)
        integer(row.isStream ? 1 : 0)
        integer(row.isTruncated ? 1 : 0)
        endArray()
    }

    private mutating func optional(_ value: Int?) {
        if let value { integer(value) } else { null() }
    }

    private mutating func optional(_ value: String?) {
        if let value { string(text: value) } else { null() }
    }
}
