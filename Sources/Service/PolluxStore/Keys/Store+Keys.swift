import FoundationEssentials
import GRDB
import PolluxLimits

/// Keys: made, listed, changed, revoked, rotated.
extension Store {
    /// All keys that there ever were, by name.
    public func keys() async throws(StoreError) -> [KeyRecord] {
        try await read { db in
            try Row.fetchAll(db, sql: "SELECT * FROM client_key ORDER BY name").map(KeyRecord.init)
        }
    }

    public func key(named name: String) async throws(StoreError) -> KeyRecord {
        try await read { try Self.key(named: name, $0) }
    }

    /// Makes a key of this digest.
    public func create(_ draft: KeyDraft, digest: [UInt8], now: Int) async throws(StoreError) -> KeyRecord {
        try draft.check(now: now)
        return try await writeDurably { db in
            guard try !Self.exists(draft.name, db) else { throw StoreError.nameTaken(draft.name) }
            let record = KeyRecord(
                id: 0, name: draft.name, owner: draft.owner, digest: digest, models: draft.models,
                projects: draft.projects, limits: draft.limits, created: now, expires: draft.expires
            )
            try Self.insert(record, db)
            return try Self.key(named: draft.name, db)
        }
    }

    /// Changes what a key may do. Its name and its text stay, and what it has used.
    ///
    /// - Parameter body: gets the key as it is, in the transaction that writes it: two who change different things of
    ///   one key do not undo each other's.
    public func change(
        _ name: String, now: Int, _ body: @Sendable (inout KeyDraft) throws(StoreError) -> Void
    ) async throws(StoreError) -> KeyRecord {
        try await writeDurably { db in
            let key = try Self.key(named: name, db)
            guard key.revoked == nil else { throw StoreError.isRevoked(key.name) }
            var draft = KeyDraft(key)
            try body(&draft)
            // Other things of an expired key may be changed, too.
            try draft.check(now: draft.expires == key.expires ? .min : now)
            try db.execute(
                sql: """
                    UPDATE client_key SET owner = ?, models = ?, projects = ?, rpm = ?, tpm = ?, concurrent = ?,
                        budget_day = ?, budget_month = ?, budget_day_tokens = ?, budget_month_tokens = ?, expires = ?
                    WHERE id = ?
                    """,
                arguments: [draft.owner, lines(draft.models), lines(draft.projects)] + draft.limits.arguments
                    + [draft.expires, key.id]
            )
            return try Self.key(named: name, db)
        }
    }

    /// Puts another digest in the key's place; the old one is taken until `graceEnd`, if there is one.
    public func rotate(
        _ name: String, digest: [UInt8], graceEnd: Int?
    ) async throws(StoreError) -> KeyRecord {
        try await writeDurably { db in
            let key = try Self.key(named: name, db)
            guard key.revoked == nil else { throw StoreError.isRevoked(name) }
            try db.execute(
                sql: "UPDATE client_key SET digest = ?, previous_digest = ?, previous_until = ? WHERE id = ?",
                arguments: [Data(digest), graceEnd.map { _ in Data(key.digest) }, graceEnd, key.id]
            )
            return try Self.key(named: name, db)
        }
    }

    /// The key is taken no more. Revoking twice changes nothing.
    public func revoke(_ name: String, now: Int) async throws(StoreError) -> KeyRecord {
        try await writeDurably { db in
            let key = try Self.key(named: name, db)
            try db.execute(
                sql: """
                    UPDATE client_key SET revoked = coalesce(revoked, ?), previous_digest = NULL, previous_until = NULL
                    WHERE id = ?
                    """,
                arguments: [now, key.id]
            )
            return try Self.key(named: name, db)
        }
    }

    /// Puts back what is known of keys, into a file that was made anew.
    func restore(_ records: [KeyRecord]) async throws(StoreError) {
        try await writeDurably { db in
            for record in records where try !Self.exists(record.name, db) { try Self.insert(record, db) }
        }
    }

    private static func exists(_ name: String, _ db: Database) throws -> Bool {
        try Bool.fetchOne(db, sql: "SELECT EXISTS (SELECT 1 FROM client_key WHERE name = ?)", arguments: [name])
            ?? false
    }

    private static func key(named name: String, _ db: Database) throws -> KeyRecord {
        guard let row = try Row.fetchOne(db, sql: "SELECT * FROM client_key WHERE name = ?", arguments: [name]) else {
            throw StoreError.notFound(name)
        }
        return KeyRecord(row)
    }

    private static func insert(_ key: KeyRecord, _ db: Database) throws {
        let digests: StatementArguments = [
            key.name, key.owner, Data(key.digest), key.previousDigest.map { Data($0) }, key.previousUntil,
        ]
        try db.execute(
            sql: """
                INSERT INTO client_key (name, owner, digest, previous_digest, previous_until, models, projects, rpm, tpm,
                    concurrent, budget_day, budget_month, budget_day_tokens, budget_month_tokens, created, expires, revoked)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: digests + [lines(key.models), lines(key.projects)] + key.limits.arguments
                + [key.created, key.expires, key.revoked]
        )
    }
}

/// A list as it stands in a column.
private func lines(_ list: [String]?) -> String? { list?.joined(separator: "\n") }

extension KeyLimits {
    /// In the order of the columns.
    fileprivate var arguments: StatementArguments {
        [
            requestsPerMinute, tokensPerMinute, concurrentRequests, dailyMoney?.nanodollars,
            monthlyMoney?.nanodollars, dailyTokens, monthlyTokens,
        ]
    }
}

extension KeyRecord {
    fileprivate init(_ row: Row) {
        func lines(_ name: String) -> [String]? {
            (row[name] as String?)?.split(separator: "\n").map(String.init)
        }
        // What somebody else wrote there may be any number: the nearest limit that there can be holds.
        func count(_ name: String, _ range: ClosedRange<Int>) -> Int? {
            (row[name] as Int?).map { min(max($0, range.lowerBound), range.upperBound) }
        }
        func money(_ name: String) -> Money? {
            let range = KeyLimits.moneyBudgets
            return count(name, range.lowerBound.nanodollars...range.upperBound.nanodollars).map {
                Money(nanodollars: $0)
            }
        }
        var limits = KeyLimits()
        limits.requestsPerMinute = count("rpm", KeyLimits.counts)
        limits.tokensPerMinute = count("tpm", KeyLimits.counts)
        limits.concurrentRequests = count("concurrent", KeyLimits.counts)
        limits.dailyMoney = money("budget_day")
        limits.monthlyMoney = money("budget_month")
        limits.dailyTokens = count("budget_day_tokens", KeyLimits.tokenBudgets)
        limits.monthlyTokens = count("budget_month_tokens", KeyLimits.tokenBudgets)
        self.init(
            id: row["id"], name: row["name"], owner: row["owner"], digest: Array(row["digest"] as Data),
            previousDigest: (row["previous_digest"] as Data?).map { Array($0) }, previousUntil: row["previous_until"],
            models: lines("models"), projects: lines("projects"), limits: limits, created: row["created"],
            expires: row["expires"], revoked: row["revoked"]
        )
    }
}
