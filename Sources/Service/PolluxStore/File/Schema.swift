import GRDB

/// The tables, as a list of steps. A step that was released never changes; a change is a new step.
enum Schema {
    static let migrator: DatabaseMigrator = {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("keys and usage") { db in
            try db.execute(sql: keys)
            try db.execute(sql: usage)
        }
        migrator.registerMigration("requests by kind") { db in try db.execute(sql: requestsByKind) }
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

    /// The requests, in blocks, and the sums of each day (in days since 1970, UTC), from which reports are made: they stay
    /// quick however many requests there were, and outlive their rows.
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

    /// Blocks in fewer bytes (``UsageBlock``): what many requests have in common stands in a block once. In blocks that
    /// were there before, each request is of a kind of its own.
    private static let requestsByKind = """
        DROP VIEW request;
        ALTER TABLE request_block RENAME TO former_block;
        DROP INDEX request_block_time;

        CREATE TABLE request_block (
            id INTEGER PRIMARY KEY,
            first_ms INTEGER NOT NULL,
            last_ms INTEGER NOT NULL,
            kinds TEXT NOT NULL,
            requests TEXT NOT NULL
        ) STRICT;
        CREATE INDEX request_block_time ON request_block (last_ms);

        INSERT INTO request_block SELECT id, 0, last_ms,
            (SELECT json_group_array(json_array(value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 13,
                value ->> 14, value ->> 17, value ->> 18, value ->> 19)) FROM json_each(requests)),
            (SELECT json_group_array(json_array(key, value ->> 0, value ->> 1, value ->> 6, value ->> 9, value ->> 12,
                value ->> 15, value ->> 16, value ->> 7, value ->> 10, value ->> 8, value ->> 11))
                FROM json_each(requests))
        FROM former_block;
        DROP TABLE former_block;

        CREATE VIEW request AS
        SELECT block.id AS block, entry.key AS place, block.first_ms + (entry.value ->> 1) AS time_ms,
            entry.value ->> 2 AS request_id,
            block.kinds ->> ('$[' || (entry.value ->> 0) || '][0]') AS client,
            block.kinds ->> ('$[' || (entry.value ->> 0) || '][1]') AS model,
            block.kinds ->> ('$[' || (entry.value ->> 0) || '][2]') AS backend,
            block.kinds ->> ('$[' || (entry.value ->> 0) || '][3]') AS location,
            entry.value ->> 3 AS prompt, coalesce(entry.value ->> 8, 0) AS cached,
            coalesce(entry.value ->> 10, 0) AS prompt_audio, entry.value ->> 4 AS completion,
            coalesce(entry.value ->> 9, 0) AS thinking, coalesce(entry.value ->> 11, 0) AS completion_audio,
            entry.value ->> 5 AS cost,
            block.kinds ->> ('$[' || (entry.value ->> 0) || '][4]') AS status,
            block.kinds ->> ('$[' || (entry.value ->> 0) || '][5]') AS error,
            entry.value ->> 6 AS latency_ms, entry.value ->> 7 AS first_token_ms,
            block.kinds ->> ('$[' || (entry.value ->> 0) || '][6]') AS finish,
            block.kinds ->> ('$[' || (entry.value ->> 0) || '][7]') AS is_stream,
            block.kinds ->> ('$[' || (entry.value ->> 0) || '][8]') AS is_truncated
        FROM request_block AS block, json_each(block.requests) AS entry;
        """
}
