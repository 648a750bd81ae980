import GRDB
public import PolluxLimits
public import PolluxObservation

/// The sums of many requests.
public struct UsageTotals: Sendable, Hashable {
    public var requests = 0
    public var errors = 0
    /// Streams that ended before their answers.
    public var truncated = 0
    /// Requests that took tokens of a model whose price nobody knows: they are not in ``cost``.
    public var unpriced = 0
    public var counts = RequestRecord.TokenCounts()
    public var cost = Money.zero

    public init() {}
}

/// What was used, summed up by some of its properties.
public struct UsageReport: Sendable, Hashable {
    public enum Dimension: String, Sendable, CaseIterable {
        case key, model, backend, location, day, month

        /// Fixed words: nothing of what anybody typed is in them.
        fileprivate var expression: String {
            switch self {
            case .key: "client"
            case .model: "model"
            case .backend: "backend"
            case .location: "location"
            case .day: "day"
            case .month: "strftime('%Y-%m', day * 86400, 'unixepoch')"
            }
        }
    }

    /// Reads `key,model,day`; nothing sums up all.
    ///
    /// - Throws: for another word, and for one that stands twice.
    public static func dimensions(_ text: String) throws(StoreError) -> [Dimension] {
        var dimensions: [Dimension] = []
        for word in text.split(separator: ",") {
            guard let dimension = Dimension(rawValue: String(word)), !dimensions.contains(dimension) else {
                let words = Dimension.allCases.map(\.rawValue).joined(separator: ", ")
                throw .invalid("by", "expected some of \(words), each once")
            }
            dimensions.append(dimension)
        }
        return dimensions
    }

    public struct Query: Sendable, Hashable {
        public var by: [Dimension] = [.key]
        /// Days since 1970, in UTC; `nil`: from the beginning, to the end.
        public var firstDay: Int?
        public var lastDay: Int?
        /// Of one key only.
        public var key: String?

        public init() {}
    }

    public struct Line: Sendable, Hashable {
        /// The value of each dimension, in the query's order.
        public var values: [String]
        public var totals: UsageTotals
    }

    public var by: [Dimension]
    public var lines: [Line]
    public var isCut: Bool

    /// Lines that one report has.
    public static let maximumLines = 10_000
}

extension Store {
    /// Sums from the days' sums: quick, however many requests there were.
    public func report(_ query: UsageReport.Query) async throws(StoreError) -> UsageReport {
        if let first = query.firstDay, let last = query.lastDay, last < first {
            throw .invalid("until", "is before 'since'")
        }
        let dimensions = query.by.map(\.expression)
        var conditions: [String] = []
        var arguments = StatementArguments()
        for (condition, value) in [("day >= ?", query.firstDay), ("day <= ?", query.lastDay)] {
            guard let value else { continue }
            conditions.append(condition)
            arguments += [value]
        }
        if let key = query.key {
            // Names of keys that differ only by case are one.
            conditions.append("client = ? COLLATE NOCASE")
            arguments += [key]
        }
        let columns = dimensions.enumerated().map { "\($1) AS d\($0)" } + UsageTotals.columns
        let grouping = dimensions.isEmpty ? "" : "GROUP BY \(dimensions.joined(separator: ", "))"
        let order = dimensions.isEmpty ? "" : "ORDER BY \(dimensions.joined(separator: ", "))"
        let sql = """
            SELECT \(columns.joined(separator: ", ")) FROM usage_day
            \(conditions.isEmpty ? "" : "WHERE \(conditions.joined(separator: " AND "))")
            \(grouping) \(order) LIMIT \(UsageReport.maximumLines + 1)
            """
        let bound = arguments
        let lines = try await read { db in
            try Row.fetchAll(db, sql: sql, arguments: bound).map { row in
                UsageReport.Line(
                    values: query.by.indices.map { Self.value(row, $0, query.by[$0]) }, totals: UsageTotals(row))
            }
        }
        return UsageReport(
            by: query.by, lines: Array(lines.prefix(UsageReport.maximumLines)),
            isCut: lines.count > UsageReport.maximumLines
        )
    }

    private static func value(_ row: Row, _ index: Int, _ dimension: UsageReport.Dimension) -> String {
        guard dimension == .day else { return row["d\(index)"] ?? "" }
        return UsageDate.text(row["d\(index)"])
    }

    /// The last requests, the newest first. Reads all of them.
    public func recentRequests(_ count: Int, of key: String? = nil) async throws(StoreError) -> [UsageRow] {
        try await read { db in
            try Row.fetchAll(
                db,
                sql:
                    "SELECT * FROM request \(key == nil ? "" : "WHERE client = ?") ORDER BY block DESC, place DESC LIMIT ?",
                arguments: key.map { [$0, count] } ?? [count]
            ).map(UsageRow.init)
        }
    }
}

/// Days as text: `2026-11-29`.
public enum UsageDate {
    private static let lastDay = CalendarPeriods.day(year: 9999, month: 12, day: 31)

    /// As it is written.
    ///
    /// A day outside of the years 1970 to 9999 is shown as the nearest.
    public static func text(_ day: Int) -> String {
        let date = CalendarPeriods.date(ofDay: min(max(day, 0), lastDay))
        func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
        return "\(date.year)-\(two(date.month))-\(two(date.day))"
    }

    /// `nil` for what is no date of the calendar.
    public static func day(_ text: String) -> Int? {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 3, zip(parts, [4, 2, 2]).allSatisfy({ $0.utf8.count == $1 }),
            let year = Int(parts[0]), let month = Int(parts[1]), let date = Int(parts[2]), (1970...9999).contains(year),
            (1...12).contains(month), (1...31).contains(date)
        else { return nil }
        let day = CalendarPeriods.day(year: year, month: month, day: date)
        return self.text(day) == text ? day : nil
    }
}

extension UsageTotals {
    /// A sum over no rows is null in SQL.
    fileprivate static let columns = [
        "requests", "errors", "truncated", "unpriced", "prompt", "cached", "prompt_audio", "completion", "thinking",
        "completion_audio", "cost",
    ].map { "coalesce(sum(\($0)), 0) AS \($0)" }

    fileprivate init(_ row: Row) {
        self.init()
        requests = row["requests"]
        errors = row["errors"]
        truncated = row["truncated"]
        unpriced = row["unpriced"]
        counts = RequestRecord.TokenCounts(row)
        cost = Money(nanodollars: row["cost"])
    }
}

extension UsageRow {
    fileprivate init(_ row: Row) {
        self.init()
        time = row["time_ms"]
        requestID = row["request_id"]
        client = row["client"]
        model = row["model"]
        backend = row["backend"]
        location = row["location"]
        counts = RequestRecord.TokenCounts(row)
        cost = (row["cost"] as Int?).map { Money(nanodollars: $0) }
        status = row["status"]
        error = row["error"]
        latency = row["latency_ms"]
        firstToken = row["first_token_ms"]
        finish = row["finish"]
        isStream = row["is_stream"]
        isTruncated = row["is_truncated"]
    }
}

extension RequestRecord.TokenCounts {
    fileprivate init(_ row: Row) {
        self.init()
        prompt = row["prompt"]
        cached = row["cached"]
        promptAudio = row["prompt_audio"]
        completion = row["completion"]
        thinking = row["thinking"]
        completionAudio = row["completion_audio"]
    }
}
