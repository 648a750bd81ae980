import GRDB

/// Where keys and usage are kept between two starts: one SQLite file in WAL mode.
///
/// - Safety: what was written survives the process's sudden end. Keys also survive that of the machine: they are on
///   the disk before the call returns.
/// - Limit: a lock that another process holds is waited for no longer than ``patience``.
public final class Store: Sendable {
    public enum Access: Sendable { case readWrite, readOnly }

    public let path: String
    public let access: Access
    let database: DatabaseQueue
    /// Which file this is, so that a deleted or replaced one is noticed.
    let file: FileIdentity?

    /// Seconds.
    public static let patience = 0.25

    /// Opens the file; makes it, readable for its owner only, when it is not there and may be written.
    ///
    /// - Parameter isMade: whether a file that is not there is made; else that is an error.
    /// - Blocks: for at most ``patience`` and the time that the disk needs.
    public init(
        path: String, access: Access = .readWrite, isMade: Bool = true, patience: Double = Store.patience
    ) throws(StoreError) {
        self.path = path
        self.access = access
        var configuration = GRDB.Configuration()
        configuration.readonly = access == .readOnly
        configuration.busyMode = .timeout(patience)
        configuration.label = "pollux.store"
        configuration.prepareDatabase { db in try db.execute(sql: Self.pages) }
        if access == .readWrite { configuration.journalMode = .wal }
        let mayMake = access == .readWrite && isMade
        if try !FileIdentity.isFile(path), !mayMake { throw .gone }
        if mayMake { try FileIdentity.make(path) }
        do {
            database = try Self.open(path, configuration)
            try Self.prepare(database, access)
        } catch {
            throw StoreError(error)
        }
        file = FileIdentity(path: path)
    }

    /// Blocks of usage are long: pages of 16 KiB take a third less time to write than those of 4 KiB. A file that was made
    /// with others keeps them. The log is brought into the file when it has 4 MiB.
    private static let pages = "PRAGMA page_size = 16384; PRAGMA wal_autocheckpoint = 256"

    /// Opens the file. Where nothing at all can be written, a file in WAL mode lets itself be read only by who says
    /// that nobody changes it, and only that is whole whose log was closed.
    private static func open(_ path: String, _ configuration: GRDB.Configuration) throws -> DatabaseQueue {
        do {
            let database = try DatabaseQueue(path: path, configuration: configuration)
            _ = try database.read { try Int.fetchOne($0, sql: "PRAGMA schema_version") }
            return database
        } catch let error as DatabaseError where error.resultCode == .SQLITE_CANTOPEN && configuration.readonly {
            guard FileIdentity(path: path + "-wal") == nil else { throw error }
            let escaped = path.replacing("%", with: "%25").replacing("?", with: "%3f").replacing("#", with: "%23")
            return try DatabaseQueue(path: "file:\(escaped)?immutable=1", configuration: configuration)
        }
    }

    private static func prepare(_ database: DatabaseQueue, _ access: Access) throws {
        let isComplete = try database.read { db in
            if try Schema.migrator.hasBeenSuperseded(db) { throw StoreError.tooNew }
            if try Schema.migrator.hasCompletedMigrations(db) { return true }
            // A file of somebody else's stays as it is.
            let foreign = try Int.fetchOne(
                db, sql: "SELECT count(*) FROM sqlite_schema WHERE name NOT LIKE 'grdb_%' AND name NOT LIKE 'sqlite_%'")
            let isForeign = try Schema.migrator.appliedIdentifiers(db).isEmpty
            if isForeign, foreign != 0 || access == .readOnly { throw StoreError.notADatabase }
            return false
        }
        if isComplete { return }
        guard access == .readWrite else { throw StoreError.tooOld }
        try Schema.migrator.migrate(database)
    }

    public func close() {
        // What cannot be closed is closed by the process's end; nothing is lost by it.
        try? database.close()
    }

    /// Whether the path still leads to the file that was opened.
    public var isInPlace: Bool { FileIdentity(path: path) == file }

    /// A number that changes when another process, or another connection, has written.
    ///
    /// It is asked for at every turn, and so without the transaction around it: to forbid writing meanwhile would have
    /// SQLite forget how its statements run.
    func version() async throws(StoreError) -> Int {
        do {
            return try await database.unsafeRead { db in
                try Int.fetchOne(db.cachedStatement(sql: "PRAGMA data_version")) ?? 0
            }
        } catch {
            throw StoreError(error)
        }
    }

    func read<Value: Sendable>(_ body: @Sendable (Database) throws -> Value) async throws(StoreError) -> Value {
        do {
            return try await database.read(body)
        } catch {
            throw StoreError(error)
        }
    }

    func write<Value: Sendable>(_ body: @Sendable (Database) throws -> Value) async throws(StoreError) -> Value {
        do {
            return try await database.write(body)
        } catch {
            throw StoreError(error)
        }
    }

    /// Writes, and waits until it is on the disk.
    func writeDurably<Value: Sendable>(
        _ body: @Sendable (Database) throws -> Value
    ) async throws(StoreError) -> Value {
        do {
            return try await database.writeWithoutTransaction { db in
                try db.execute(sql: "PRAGMA synchronous = FULL")
                defer { try? db.execute(sql: "PRAGMA synchronous = NORMAL") }  // Slower, should it fail, and as safe.
                var result: Value?
                try db.inTransaction(.immediate) {
                    result = try body(db)
                    return .commit
                }
                guard let result else { throw StoreError.other("a transaction without a result") }
                return result
            }
        } catch {
            throw StoreError(error)
        }
    }
}
