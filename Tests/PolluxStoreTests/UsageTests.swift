import GRDB
import PolluxLimits
import PolluxObservation
import Testing

@testable import PolluxStore

@Suite("Store: usage")
struct UsageTests {
    /// A store that holds these rows.
    private static func filled(_ rows: [UsageRow]) async throws -> Held<Store> {
        let scratch = try Scratch()
        let queue = UsageQueue(maximum: 100_000)
        let keeper = StoreKeeper(scratch.path, queue, Told())
        queue.append(rows)
        await keeper.close()
        return try scratch.held { try $0.store(.readOnly) }
    }

    @Test("Sums by any properties, in their order")
    func sums() async throws {
        var other = row("other", model: "gemini-2.5-pro", status: 503, tokens: 100)
        other.time += 86_400_000
        other.isTruncated = true
        other.cost = nil
        let store = try await Self.filled([row(), row(tokens: 20), row(model: "gemini-2.5-pro"), other])
        var query = UsageReport.Query()
        query.by = [.key, .model]
        let report = try await store.value.report(query)
        #expect(
            report.lines.map(\.values) == [
                ["other", "gemini-2.5-pro"], ["team", "gemini-2.5-flash"], ["team", "gemini-2.5-pro"],
            ])
        #expect(report.lines[1].totals.requests == 2)
        #expect(report.lines[1].totals.counts.prompt == 30)
        #expect(report.lines[1].totals.cost == Money(nanodollars: 30))
        #expect(report.lines[0].totals.errors == 1)
        #expect(report.lines[0].totals.truncated == 1)
        #expect(report.lines[0].totals.unpriced == 1)
        query.by = [.day]
        #expect(try await store.value.report(query).lines.map(\.values) == [["2026-11-29"], ["2026-11-30"]])
        query.by = [.month, .backend, .location]
        #expect(try await store.value.report(query).lines.map(\.values) == [["2026-11", "vertex", "eu"]])
        query.by = []
        query.key = "team"
        #expect(try await store.value.report(query).lines.map(\.totals.requests) == [3])
        query.key = "nobody' OR 1=1 --"
        #expect(try await store.value.report(query).lines.map(\.totals.requests) == [0])
        query = UsageReport.Query()
        query.firstDay = UsageDate.day("2026-11-30")
        #expect(try await store.value.report(query).lines.map(\.values) == [["other"]])
        query.firstDay = nil
        query.lastDay = UsageDate.day("2026-11-29")
        #expect(try await store.value.report(query).lines.map(\.values) == [["team"]])
    }

    @Test("The last requests come newest first, with all that is known of them")
    func recent() async throws {
        var last = row("other", status: 499)
        last.error = "upstream_timeout"
        last.firstToken = 12
        last.latency = 34
        last.finish = "stop"
        last.isStream = true
        last.isTruncated = true
        last.cost = nil
        last.model = "a \"quoted\" \\ model\u{7}\n日本"
        let store = try await Self.filled([row(), row(), last])
        #expect(try await store.value.recentRequests(2) == [last, row()])
        #expect(try await store.value.recentRequests(5, of: "team") == [row(), row()])
    }

    @Test("Names of models that no upstream knows are summed up under none, so that nobody fills the table with them")
    func inventedNames() async throws {
        let store = try await Self.filled((0..<50).map { row(model: "m\($0)", status: 404) })
        var query = UsageReport.Query()
        query.by = [.model]
        #expect(try await store.value.report(query).lines.map(\.values) == [[""]])
    }

    @Test("So are names beyond a hundred to which nobody has answered, whatever became of them")
    func failedNames() async throws {
        let failed = (0..<150).map { row(model: "m\($0)", status: $0 % 2 == 0 ? 429 : 400) }
        let store = try await Self.filled([row(model: "known")] + failed + [row(model: "known", status: 503)])
        var query = UsageReport.Query()
        query.by = [.model]
        let lines = try await store.value.report(query).lines
        #expect(lines.count == 102)
        #expect(lines.map(\.totals.requests).reduce(0, +) == 152)
        #expect(lines.first { $0.values == [""] }?.totals.errors == 50)
        #expect(lines.first { $0.values == ["known"] }?.totals.requests == 2)
    }

    @Test("The case of a key's name does not count, as it does not where the key is made")
    func keysOfAnyCase() async throws {
        let store = try await Self.filled([row("Team"), row("other")])
        var query = UsageReport.Query()
        query.key = "tEAM"
        #expect(try await store.value.report(query).lines.map(\.values) == [["Team"]])
    }

    @Test("Words to sum up by stand once each", arguments: ["key,key", "key,colour", "Key", "key, model"])
    func wrongDimensions(text: String) {
        #expect(throws: StoreError.self) { try UsageReport.dimensions(text) }
    }

    @Test("Requests become rows when a client is known and a model was asked for")
    func rows() async throws {
        let scratch = try Scratch()
        let queue = UsageQueue(maximum: 10)
        let keeper = StoreKeeper(scratch.path, queue, Told())
        let sink = queue.sink()
        var record = RequestRecord()
        record.operation = .chat
        record.client = "team"
        record.endedAt = noon * 1_000_000_000
        record.timings.received = 1_000_000_000
        record.timings.firstToken = 1_200_000_000
        record.timings.end = 1_500_000_000
        record.cost = 5
        sink.append(record)
        record.client = ""
        sink.append(record)
        record.client = "team"
        record.operation = .health
        sink.append(record)
        #expect(queue.pending == 1)
        sink.flush()
        await keeper.close()
        let rows = try await scratch.store(.readOnly).recentRequests(10)
        #expect(rows.map(\.time) == [noon * 1000 - 500])
        #expect(rows.map(\.firstToken) == [200])
        #expect(rows.map(\.latency) == [500])
        #expect(rows.map(\.cost) == [Money(nanodollars: 5)])
    }

    @Test("Rows of several clients, models and days keep their names, and are summed up with their like")
    func runs() async throws {
        var tomorrow = row()
        tomorrow.time += 86_400_000
        let rows = [
            row(), row("other"), row(), row(model: "a", status: 404), row(model: "b", status: 404), row(model: "b"),
            tomorrow, row(),
        ]
        let store = try await Self.filled(rows)
        #expect(try await store.value.recentRequests(10) == rows.reversed())
        var query = UsageReport.Query()
        query.by = [.day, .key, .model]
        let lines = try await store.value.report(query).lines
        #expect(lines.map(\.totals.requests) == [1, 2, 1, 3, 1])
        #expect(
            lines.map { $0.values[1] + " " + $0.values[2] } == [
                "other gemini-2.5-flash", "team ", "team b", "team gemini-2.5-flash", "team gemini-2.5-flash",
            ])
    }

    @Test("What is seldom there is kept like everything else")
    func counts() async throws {
        var thinking = row()
        thinking.counts.thinking = 7
        var cached = row()
        (cached.counts.cached, cached.counts.promptAudio) = (3, 2)
        var spoken = row()
        spoken.counts.completionAudio = 1
        var early = row()
        (early.time, early.latency) = (noon * 1000 - 90_000, 90_500)
        let rows = [row(), thinking, cached, spoken, early]
        let store = try await Self.filled(rows)
        #expect(try await store.value.recentRequests(10) == rows.reversed())
    }

    @Test("Requests that an earlier version wrote are read by this one, once it may write the file")
    func formerBlocks() async throws {
        let scratch = try Scratch()
        let former = try DatabaseQueue(path: scratch.path)
        try Schema.migrator.migrate(former, upTo: "keys and usage")
        try await former.write { db in
            for id in ["a", "b"] {
                let requests = """
                    [[1795953600000,"\(id)","team","gemini-2.5-flash","vertex","eu",40,30,1,12,7,2,56700,200,null,812,230,"stop",1,0],
                    [1795953600001,"x","other","m","b","",1,0,0,0,0,0,null,499,"upstream_timeout",5,null,null,0,1]]
                    """
                try db.execute(
                    sql: "INSERT INTO request_block (last_ms, requests) VALUES (?, ?)",
                    arguments: [1_795_953_600_001, requests])
            }
        }
        try former.close()
        #expect(throws: StoreError.tooOld) { try scratch.store(.readOnly) }
        let rows = try await scratch.store().recentRequests(10)
        #expect(rows.map(\.requestID) == ["x", "b", "x", "a"])
        var whole = row(tokens: 40)
        (whole.requestID, whole.cost, whole.latency, whole.firstToken) = ("a", Money(nanodollars: 56_700), 812, 230)
        (whole.counts.cached, whole.counts.promptAudio, whole.counts.completion) = (30, 1, 12)
        (whole.counts.thinking, whole.counts.completionAudio) = (7, 2)
        (whole.finish, whole.isStream) = ("stop", true)
        #expect(rows[3] == whole)
        var broken = row("other", model: "m", status: 499, tokens: 1)
        (broken.time, broken.requestID, broken.backend, broken.location) = (noon * 1000 + 1, "x", "b", "")
        (broken.counts.completion, broken.cost, broken.error) = (0, nil, "upstream_timeout")
        (broken.latency, broken.isTruncated) = (5, true)
        #expect(rows[0] == broken)
        #expect(try await scratch.store().forgetRequests(before: .max) == false)
        #expect(try await scratch.store().recentRequests(10).isEmpty)
    }

    @Test("CSV puts what must be in quotes, and lets no spreadsheet take a name for a formula")
    func csv() async throws {
        let names = ["plain", "with, comma", "with \"quotes\"", "=1+1", "line\nbreak"]
        let store = try await Self.filled(names.map { row($0) })
        let csv = try await store.value.report(UsageReport.Query()).csv()
        #expect(csv.hasPrefix("key,requests,errors,"))
        #expect(csv.contains("\r\nplain,1,"))
        #expect(csv.contains("\r\n\"with, comma\",1,"))
        #expect(csv.contains("\r\n\"with \"\"quotes\"\"\",1,"))
        #expect(csv.contains("\r\n'=1+1,1,"))
        #expect(csv.contains("\r\n\"line\nbreak\",1,"))
        #expect(csv.hasSuffix(",0.00000001\r\n"))
    }

    @Test("JSON names the dimensions and holds cost as text")
    func json() async throws {
        let store = try await Self.filled([row()])
        let json = try await store.value.report(UsageReport.Query()).json()
        #expect(json.hasPrefix(#"{"by":["key"],"lines":[{"key":"team","requests":1,"errors":0,"#))
        #expect(json.hasSuffix(#""cost":"0.00000001"}],"complete":true}"#))
    }

    @Test(
        "Days are written as dates, and nothing else is one",
        arguments: [
            ("1970-01-01", 0), ("2026-11-29", 20_786), ("2024-02-29", 19_782), ("2026-02-29", nil), ("2026-13-01", nil),
            ("2026-1-1", nil), ("", nil), ("2026-11-29x", nil), ("9999-12-31", 2_932_896),
        ] as [(String, Int?)])
    func dates(text: String, day: Int?) {
        #expect(UsageDate.day(text) == day)
        if let day { #expect(UsageDate.text(day) == text) }
    }

    @Test("Numbers that somebody else wrote there end no process")
    func anyNumbers() async throws {
        let scratch = try Scratch()
        let store = try scratch.store()
        try await store.create("team")
        try await store.write { db in
            try db.execute(
                sql: """
                    UPDATE client_key SET rpm = ?1, tpm = ?2, concurrent = 0, budget_day = ?1, budget_month_tokens = ?2
                    """,
                arguments: [Int.min, Int.max])
            for (day, number) in [(Int.max, Int.max), (Int.min, 1), (20_786, Int.max)] {
                try db.execute(
                    sql: "INSERT INTO usage_day VALUES (?, 'team', 'm', 'b', 'l', 1, 0, 0, 0, ?2, 0, 0, ?2, 0, 0, ?2)",
                    arguments: [day, number])
            }
        }
        let limits = try await store.key(named: "team").limits
        #expect(limits.requestsPerMinute == 1)
        #expect(limits.tokensPerMinute == 1_000_000_000)
        #expect(limits.concurrentRequests == 1)
        #expect(limits.dailyMoney == KeyLimits.moneyBudgets.lowerBound)
        #expect(limits.monthlyTokens == 1_000_000_000_000)
        #expect(try await store.spent(sinceDay: 20_786)["team"]?.tokens == .max)
        var query = UsageReport.Query()
        query.by = [.day]
        #expect(
            try await store.report(query).lines.map(\.values) == [["1970-01-01"], ["2026-11-29"], ["9999-12-31"]])
        query.by = [.key]
        await #expect(throws: StoreError.self) { try await store.report(query) }
    }
}
