import GRDB
import GRDBSQLite
import PolluxLimits
import PolluxObservation

/// Puts rows of requests into their table, without a value of GRDB's for each of their twenty columns.
///
/// Invariant: used on the queue of the connection that it was made for, while that has a transaction. Texts are bound
/// where they stand in `texts`, which is not changed until the statement was run and reset.
/// Gain: measured by `Benchmarks/Keys/cost.sh`; see docs/performance.md.
struct RequestInsertion {
    private let statement: Statement
    /// The row's texts, one behind the other, and where each of them ends.
    private var texts: [UInt8] = []
    private var ends: [Int] = []

    private static let sql = """
        INSERT INTO request (time_ms, prompt, cached, prompt_audio, completion, thinking, completion_audio, cost, status,
            latency_ms, first_token_ms, is_stream, is_truncated, request_id, client, model, backend, location, error, finish)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """

    init(_ db: Database) throws { statement = try db.cachedStatement(sql: Self.sql) }

    mutating func insert(_ row: UsageRow) throws {
        texts.removeAll(keepingCapacity: true)
        ends.removeAll(keepingCapacity: true)
        let own: InlineArray<7, String> = [
            row.requestID, row.client, row.model, row.backend, row.location, row.error ?? "", row.finish ?? "",
        ]
        for index in own.indices {
            texts.append(contentsOf: own[index].utf8)
            ends.append(texts.count)
        }
        let numbers: InlineArray<13, Int?> = [
            row.time, row.counts.prompt, row.counts.cached, row.counts.promptAudio, row.counts.completion,
            row.counts.thinking, row.counts.completionAudio, row.cost?.nanodollars, row.status, row.latency,
            row.firstToken, row.isStream ? 1 : 0, row.isTruncated ? 1 : 0,
        ]
        let handle = unsafe statement.sqliteStatement
        var column: CInt = 0
        for index in numbers.indices {
            column += 1
            if let number = numbers[index] {
                unsafe sqlite3_bind_int64(handle, column, Int64(number))
            } else {
                unsafe sqlite3_bind_null(handle, column)
            }
        }
        let code = unsafe texts.withUnsafeBufferPointer { bytes in
            var start = 0
            for end in ends {
                column += 1
                let isAbsent = end == start && column > Self.lastNeededText
                if isAbsent {
                    unsafe sqlite3_bind_null(handle, column)
                } else {
                    unsafe bytes.withMemoryRebound(to: CChar.self) { text in
                        _ = unsafe sqlite3_bind_text(
                            handle, column, text.baseAddress.map { unsafe $0 + start }, CInt(end - start), nil)
                    }
                }
                start = end
            }
            let code = unsafe sqlite3_step(handle)
            unsafe sqlite3_reset(handle)
            return code
        }
        guard code == SQLITE_DONE else { throw DatabaseError(resultCode: ResultCode(rawValue: code)) }
    }

    /// The columns behind it, `error` and `finish`, are null when there is nothing to say.
    private static let lastNeededText: CInt = 18
}
