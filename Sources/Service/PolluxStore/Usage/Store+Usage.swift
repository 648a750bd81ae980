import GRDB
import PolluxJSON
import PolluxLimits
import PolluxObservation

/// Usage: written in batches, each of them whole or not at all.
extension Store {
    func write(_ blocks: ArraySlice<UsageBlock>) async throws(StoreError) {
        try await write { db in
            var sums: [UsageDay: UsageTotals] = [:]
            let insertion = try db.cachedStatement(sql: Self.insertBlock)
            for block in blocks {
                try insertion.execute(arguments: block.arguments)
                sums.merge(block.sums) { $0.adding($1) }
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
                // What is more than fits becomes a real number in SQL, and here the largest whole one.
                sql: """
                    SELECT client, CAST(total(prompt) + total(completion) AS INTEGER) AS tokens,
                        CAST(total(cost) AS INTEGER) AS cost
                    FROM usage_day WHERE day >= ? GROUP BY 1
                    """,
                arguments: [day]
            )
            return Dictionary(
                rows.map { ($0["client"], (tokens: $0["tokens"], cost: Money(nanodollars: $0["cost"]))) },
                uniquingKeysWith: { first, _ in first }
            )
        }
    }

    /// Forgets blocks of single requests that are all older; the sums of their days stay.
    ///
    /// - Returns: whether there may be more: so many at a time that nobody waits long for the file.
    func forgetRequests(before milliseconds: Int, atMost count: Int = 100) async throws(StoreError) -> Bool {
        try await write { db in
            try db.execute(
                sql: "DELETE FROM request_block WHERE id IN (SELECT id FROM request_block WHERE last_ms < ? LIMIT ?)",
                arguments: [milliseconds, count]
            )
            return db.changesCount == count
        }
    }

    private static let insertBlock = """
        INSERT INTO request_block (first_ms, last_ms, kinds, requests) VALUES (?, ?, ?, ?)
        """

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

extension UsageBlock {
    fileprivate var arguments: StatementArguments { [first, last, kinds, requests] }
}

extension UsageDay {
    fileprivate var arguments: StatementArguments { [day, client, model, backend, location] }
}

extension UsageTotals {
    fileprivate var arguments: StatementArguments {
        [
            requests, errors, truncated, unpriced, counts.prompt, counts.cached, counts.promptAudio, counts.completion,
            counts.thinking, counts.completionAudio, cost.nanodollars,
        ]
    }
}
