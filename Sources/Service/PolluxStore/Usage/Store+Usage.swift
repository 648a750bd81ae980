import GRDB
import PolluxLimits
import PolluxObservation

/// Usage: written in batches, each of them whole or not at all.
extension Store {
    func write(_ batches: ArraySlice<[UsageRow]>) async throws(StoreError) {
        let sums = UsageDay.sums(of: batches)
        try await write { db in
            var insertion = try RequestInsertion(db)
            for batch in batches {
                // By place, because a row is worth not being copied.
                for place in batch.indices { try insertion.insert(batch[place]) }
            }
            let addition = try db.cachedStatement(sql: Self.addToDay)
            for (day, totals) in sums { try addition.execute(arguments: day.arguments + totals.arguments) }
        }
    }

    /// What each client spent since a day, by its name.
    func spent(sinceDay day: Int) async throws(StoreError) -> [String: (tokens: Int, cost: Money)] {
        try await read { db in
            let rows = try Row.fetchAll(
                db,
                sql:
                    "SELECT client, sum(prompt + completion) AS tokens, sum(cost) AS cost FROM usage_day WHERE day >= ? GROUP BY 1",
                arguments: [day]
            )
            return Dictionary(
                rows.map { ($0["client"], (tokens: $0["tokens"], cost: Money(nanodollars: $0["cost"]))) },
                uniquingKeysWith: { first, _ in first }
            )
        }
    }

    /// Forgets single requests that are older; the sums of their days stay.
    ///
    /// - Returns: whether there may be more: so many at a time that nobody waits long for the file.
    func forgetRequests(before milliseconds: Int, atMost count: Int = 5000) async throws(StoreError) -> Bool {
        try await write { db in
            try db.execute(
                sql: "DELETE FROM request WHERE id IN (SELECT id FROM request WHERE time_ms < ? LIMIT ?)",
                arguments: [milliseconds, count]
            )
            return db.changesCount == count
        }
    }

    private static let addToDay = """
        INSERT INTO usage_day (day, client, model, backend, location, requests, errors, truncated, unpriced, prompt, cached,
            prompt_audio, completion, thinking, completion_audio, cost)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT DO UPDATE SET requests = requests + excluded.requests, errors = errors + excluded.errors,
            truncated = truncated + excluded.truncated, unpriced = unpriced + excluded.unpriced,
            prompt = prompt + excluded.prompt, cached = cached + excluded.cached,
            prompt_audio = prompt_audio + excluded.prompt_audio, completion = completion + excluded.completion,
            thinking = thinking + excluded.thinking, completion_audio = completion_audio + excluded.completion_audio,
            cost = cost + excluded.cost
        """
}

/// What is summed up together.
private struct UsageDay: Hashable {
    let day: Int
    let client: String
    let model: String
    let backend: String
    let location: String

    /// Rows that follow each other are most often of the same day, client and model: these are added up before their
    /// sum is looked up.
    static func sums(of batches: ArraySlice<[UsageRow]>) -> [UsageDay: UsageTotals] {
        var sums: [UsageDay: UsageTotals] = [:]
        var run: UsageDay?
        var totals = UsageTotals()
        for batch in batches {
            for place in batch.indices {
                if run?.includes(batch[place]) != true {
                    if let run { sums[run, default: UsageTotals()].add(totals) }
                    run = UsageDay(batch[place])
                    totals = UsageTotals()
                }
                totals.add(batch[place])
            }
        }
        if let run { sums[run, default: UsageTotals()].add(totals) }
        return sums
    }

    private init(_ row: UsageRow) {
        day = row.time / 86_400_000
        client = row.client
        // A name that no upstream knows is anybody's invention: all of them are summed up under none.
        model = row.status == 404 ? "" : row.model
        backend = row.backend
        location = row.location
    }

    private func includes(_ row: UsageRow) -> Bool {
        day == row.time / 86_400_000 && client == row.client && backend == row.backend && location == row.location
            && model == (row.status == 404 ? "" : row.model)
    }

    var arguments: StatementArguments { [day, client, model, backend, location] }
}

extension UsageTotals {
    fileprivate mutating func add(_ row: UsageRow) {
        requests += 1
        if row.status >= 400 { errors += 1 }
        if row.isTruncated { truncated += 1 }
        if row.cost == nil, row.counts.prompt + row.counts.completion > 0 { unpriced += 1 }
        counts.add(row.counts)
        cost.nanodollars += row.cost?.nanodollars ?? 0
    }

    fileprivate mutating func add(_ other: UsageTotals) {
        requests += other.requests
        errors += other.errors
        truncated += other.truncated
        unpriced += other.unpriced
        counts.add(other.counts)
        cost.nanodollars += other.cost.nanodollars
    }

    fileprivate var arguments: StatementArguments {
        [
            requests, errors, truncated, unpriced, counts.prompt, counts.cached, counts.promptAudio, counts.completion,
            counts.thinking, counts.completionAudio, cost.nanodollars,
        ]
    }
}
