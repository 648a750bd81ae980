import GRDB

/// The tables, as a list of steps. A step that was released never changes; a change is a new step.
enum Schema {
    static let migrator: DatabaseMigrator = {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("keys and usage") { db in
            try db.execute(sql: keys)
            try db.execute(sql: usage)
        }
        return migrator
    }()

    /// Money is in nanodollars, times are Unix seconds; lists are lines.
    private static let keys = """
        CREATE TABLE client_key (
            id INTEGER PRIMARY KEY,
            name TEXT NOT NULL UNIQUE COLLATE NOCASE,
            owner TEXT,
            digest BLOB NOT NULL UNIQUE CHECK (length(digest) = 32),
            previous_digest BLOB,
            previous_until INTEGER,
            models TEXT,
            projects TEXT,
            rpm INTEGER,
            tpm INTEGER,
            concurrent INTEGER,
            budget_day INTEGER,
            budget_month INTEGER,
            budget_day_tokens INTEGER,
            budget_month_tokens INTEGER,
            created INTEGER NOT NULL,
            expires INTEGER,
            revoked INTEGER
        ) STRICT;
        """

    /// The requests, in blocks (``UsageBlock``), and the sums of each day (in days since 1970, UTC), from which reports
    /// are made: they stay quick however many requests there were, and outlive their rows.
    private static let usage = """
        CREATE TABLE request_block (
            id INTEGER PRIMARY KEY,
            last_ms INTEGER NOT NULL,
            requests TEXT NOT NULL
        ) STRICT;
        CREATE INDEX request_block_time ON request_block (last_ms);

        CREATE VIEW request AS
        SELECT block.id AS block, entry.key AS place, entry.value ->> 0 AS time_ms, entry.value ->> 1 AS request_id,
            entry.value ->> 2 AS client, entry.value ->> 3 AS model, entry.value ->> 4 AS backend,
            entry.value ->> 5 AS location, entry.value ->> 6 AS prompt, entry.value ->> 7 AS cached,
            entry.value ->> 8 AS prompt_audio, entry.value ->> 9 AS completion, entry.value ->> 10 AS thinking,
            entry.value ->> 11 AS completion_audio, entry.value ->> 12 AS cost, entry.value ->> 13 AS status,
            entry.value ->> 14 AS error, entry.value ->> 15 AS latency_ms, entry.value ->> 16 AS first_token_ms,
            entry.value ->> 17 AS finish, entry.value ->> 18 AS is_stream, entry.value ->> 19 AS is_truncated
        FROM request_block AS block, json_each(block.requests) AS entry;

        CREATE TABLE usage_day (
            day INTEGER NOT NULL,
            client TEXT NOT NULL,
            model TEXT NOT NULL,
            backend TEXT NOT NULL,
            location TEXT NOT NULL,
            requests INTEGER NOT NULL,
            errors INTEGER NOT NULL,
            truncated INTEGER NOT NULL,
            unpriced INTEGER NOT NULL,
            prompt INTEGER NOT NULL,
            cached INTEGER NOT NULL,
            prompt_audio INTEGER NOT NULL,
            completion INTEGER NOT NULL,
            thinking INTEGER NOT NULL,
            completion_audio INTEGER NOT NULL,
            cost INTEGER NOT NULL,
            PRIMARY KEY (day, client, model, backend, location)
        ) STRICT, WITHOUT ROWID;
        """
}
