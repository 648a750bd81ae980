import FoundationEssentials
import GRDB
import PolluxLimits
import PolluxStore
import Testing

@Suite("Store: it goes on")
struct KeeperTests {
    private let scratch: Scratch
    private let told = Told()
    private let queue = UsageQueue(maximum: 1000)
    private let keeper: StoreKeeper

    init() throws {
        scratch = try Scratch()
        keeper = StoreKeeper(scratch.path, queue, told)
    }

    /// Another process, as far as SQLite can tell: it may leave a transaction open.
    private func holder() throws -> DatabaseQueue {
        var configuration = Configuration()
        configuration.allowsUnsafeTransactions = true
        return try DatabaseQueue(path: scratch.path, configuration: configuration)
    }

    private func written(by key: String? = nil) async throws -> Int {
        try await scratch.store(.readOnly).recentRequests(100_000, of: key).count
    }

    @Test("Keys that another process makes are known at the next turn, and told once")
    func keys() async throws {
        await keeper.turn()
        let other = try scratch.store()
        try await other.create("b")
        try await other.create("a")
        await keeper.turn()
        await keeper.turn()
        _ = try await other.revoke("a", now: noon)
        await keeper.turn()
        #expect(told.keys == [[], ["a", "b"], ["a", "b"]])
        #expect(keeper.status.knowsKeys)
    }

    @Test("Usage of another process's writing does not make the keys be told again")
    func unchanged() async throws {
        await keeper.turn()
        queue.append([row()])
        await keeper.turn()
        await keeper.turn()
        #expect(told.keys.count == 1)
    }

    @Test("Usage is written in batches, and nothing of it twice")
    func usage() async throws {
        let many = UsageQueue(maximum: 10_000)
        let keeper = StoreKeeper(scratch.path, many, told)
        many.append((0..<5000).map { _ in row() })
        await keeper.turn()
        await keeper.turn()
        #expect(try await written() == 5000)
        #expect(keeper.status.written == 5000)
        #expect(many.pending == 0)
    }

    @Test("A lock that another process holds: usage waits, and is written when it is free")
    func locked() async throws {
        await keeper.turn()
        let other = try holder()
        try await other.writeWithoutTransaction { try $0.execute(sql: "BEGIN IMMEDIATE") }
        queue.append([row()])
        await keeper.turn()
        #expect(keeper.status.state == .away(.locked))
        #expect(keeper.status.knowsKeys)
        #expect(queue.pending == 1)
        try await other.writeWithoutTransaction { try $0.execute(sql: "ROLLBACK") }
        await keeper.turn()
        #expect(keeper.status.state == .writing)
        #expect(try await written() == 1)
        #expect(told.events == [.changed(.writing), .changed(.away(.locked)), .changed(.writing)])
    }

    @Test("More than may wait is counted as lost, and told once")
    func dropped() async throws {
        await keeper.turn()
        let other = try holder()
        try await other.writeWithoutTransaction { try $0.execute(sql: "BEGIN EXCLUSIVE") }
        queue.append((0..<1001).map { _ in row() })
        queue.append([row(), row()])
        await keeper.turn()
        await keeper.turn()
        #expect(keeper.status.dropped == 3)
        #expect(keeper.status.pending == 1000)
        #expect(told.events.filter { $0 == .dropped(3) }.count == 1)
        try await other.writeWithoutTransaction { try $0.execute(sql: "ROLLBACK") }
        await keeper.turn()
        #expect(try await written() == 1000)
    }

    @Test("A deleted file is noticed; a new one is made with the keys that were known")
    func deleted() async throws {
        await keeper.turn()
        let digest = try await scratch.store().create("team").digest
        await keeper.turn()
        try scratch.remove()
        queue.append([row()])
        await keeper.turn()
        #expect(keeper.status.state == .away(.gone))
        await keeper.turn()
        #expect(keeper.status.state == .writing)
        #expect(try await scratch.store(.readOnly).key(named: "team").digest == digest)
        #expect(try await written() == 1)
        #expect(told.events.contains(.remade(keys: 1)))
        #expect(told.keys.last == ["team"])
    }

    @Test("A file that another one took the place of is read anew")
    func replaced() async throws {
        await keeper.turn()
        let backup = try Scratch()
        let store = try backup.store()
        try await store.create("restored")
        store.close()
        try scratch.remove()
        try FileManager.default.moveItem(atPath: backup.path, toPath: scratch.path)
        await keeper.turn()
        await keeper.turn()
        #expect(told.keys.last == ["restored"])
    }

    @Test("A file that is no database: the keys that are known stay, and the file is not touched")
    func notADatabase() async throws {
        await keeper.turn()
        try await scratch.store().create("team")
        await keeper.turn()
        try scratch.remove()
        let text = Array("This is a letter to somebody, and long enough not to be taken for nothing.".utf8)
        try Data(text).write(to: URL(filePath: scratch.path))
        await keeper.turn()
        await keeper.turn()
        #expect(keeper.status.state == .away(.notADatabase))
        #expect(told.keys.last == ["team"])
        #expect(try Array(Data(contentsOf: URL(filePath: scratch.path))) == text)
    }

    @Test("A folder that is not there: nothing is known, and nobody may say that a key is wrong")
    func noFolder() async throws {
        let keeper = StoreKeeper(scratch.folder + "/none/pollux.db", queue, told)
        await keeper.turn()
        #expect(keeper.status.state == .away(.other("the file's folder does not exist")))
        #expect(!keeper.status.knowsKeys)
        #expect(told.keys.isEmpty)
    }

    @Test("Somebody else's database stays as it is")
    func foreign() async throws {
        let other = try DatabaseQueue(path: scratch.path)
        try await other.write { try $0.execute(sql: "CREATE TABLE theirs (a)") }
        await keeper.turn()
        #expect(keeper.status.state == .away(.notADatabase))
        #expect(try await other.read { try String.fetchAll($0, sql: "SELECT name FROM sqlite_schema") } == ["theirs"])
    }

    @Test("A file of a newer version is not touched")
    func newer() async throws {
        _ = try scratch.store()
        let other = try DatabaseQueue(path: scratch.path)
        try await other.write { try $0.execute(sql: "INSERT INTO grdb_migrations VALUES ('of next year')") }
        await keeper.turn()
        #expect(keeper.status.state == .away(.tooNew))
    }

    @Test("Of two processes one writes; the other reads keys, knows what is spent, and takes over")
    func second() async throws {
        await keeper.turn()
        let toldSecond = Told()
        let waiting = UsageQueue(maximum: 1000)
        let second = StoreKeeper(scratch.path, waiting, toldSecond)
        waiting.append([row("second")])
        await second.turn()
        #expect(second.status.state == .reading)
        #expect(try await written(by: "second") == 0)
        queue.append([row(tokens: 9)])
        await keeper.turn()
        await second.turn()
        #expect(toldSecond.spending.map(\.dayTokens) == [10])
        queue.append([row(tokens: 4)])
        await keeper.turn()
        await second.turn()
        #expect(toldSecond.spending.map(\.dayTokens) == [10, 5])
        #expect(toldSecond.spending.map(\.monthTokens) == [10, 5])
        await keeper.close()
        await second.turn()
        #expect(second.status.state == .writing)
        #expect(try await written(by: "second") == 1)
    }

    @Test("What was spent before is told at the start, by day and by month")
    func spentBefore() async throws {
        var yesterday = row(tokens: 99)
        yesterday.time -= 86_400_000
        queue.append([row(tokens: 9), yesterday, row("other", tokens: 4)])
        await keeper.close()
        let again = Told()
        await StoreKeeper(scratch.path, UsageQueue(maximum: 1), again).turn()
        let spending = again.spending.sorted { $0.client < $1.client }
        #expect(spending.map(\.client) == ["other", "team"])
        #expect(spending.map(\.dayTokens) == [5, 10])
        #expect(spending.map(\.monthTokens) == [5, 110])
        #expect(spending.map(\.monthCost.nanodollars) == [4, 108])
    }

    @Test("Requests that are old enough are forgotten; the sums of their days stay")
    func retention() async throws {
        var old = row("old")
        old.time -= 91 * 86_400_000
        queue.append([old])
        await keeper.turn()
        queue.append([row()])
        await keeper.turn()
        #expect(try await written(by: "old") == 0)
        #expect(try await written() == 1)
        #expect(
            try await scratch.store(.readOnly).report(UsageReport.Query()).lines.map(\.values) == [["old"], ["team"]])
    }

    @Test("The file is readable for its owner only")
    func mode() async throws {
        await keeper.turn()
        let mode = try FileManager.default.attributesOfItem(atPath: scratch.path)[.posixPermissions] as? Int
        #expect(mode == 0o600)
    }
}
