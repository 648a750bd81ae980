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

    /// One row for each request, and the sums of each day (in days since 1970, UTC), from which reports are made:
    /// they stay quick however many requests there were, and outlive their rows.
    private static let usage = """
        CREATE TABLE request (
            id INTEGER PRIMARY KEY,
            time_ms INTEGER NOT NULL,
            request_id TEXT NOT NULL,
            client TEXT NOT NULL,
            model TEXT NOT NULL,
            backend TEXT NOT NULL,
            location TEXT NOT NULL,
            prompt INTEGER NOT NULL,
            cached INTEGER NOT NULL,
            prompt_audio INTEGER NOT NULL,
            completion INTEGER NOT NULL,
            thinking INTEGER NOT NULL,
            completion_audio INTEGER NOT NULL,
            cost INTEGER,
            status INTEGER NOT NULL,
            error TEXT,
            latency_ms INTEGER NOT NULL,
            first_token_ms INTEGER,
            finish TEXT,
            is_stream INTEGER NOT NULL,
            is_truncated INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX request_time ON request (time_ms);

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
