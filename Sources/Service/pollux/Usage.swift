import ArgumentParser
import PolluxLimits
import PolluxObservation
import PolluxStore

/// `pollux usage`: what was used, by whom, of what.
struct Usage: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show tokens and cost by key, model, backend, location, day or month.")

    @OptionGroup var options: StoreOptions

    @Option(help: "What to sum up by, with commas: key, model, backend, location, day, month.")
    var by = "key"

    @Option(help: "The first day, in UTC, such as 2026-11-01.")
    var since: String?

    @Option(help: "The last day.")
    var until: String?

    @Option(help: "Only this key.")
    var key: String?

    @Flag(help: "As comma-separated values.")
    var csv = false

    @Flag(help: "As JSON.")
    var json = false

    func validate() throws {
        if csv, json { throw ValidationError("--csv or --json, not both.") }
        _ = try query()
    }

    func run() async throws {
        let query = try query()
        let report = try await told { try await options.open(.readOnly).report(query) }
        if json {
            try Console.answer(report.json() + "\n")
        } else if csv {
            try Console.answer(report.csv())
        } else {
            try Console.answer(Self.table(report) + "\n")
            if report.lines.isEmpty { Console.error("Nothing was used.") }
        }
        if report.isCut { Console.error("There are more lines; ask for fewer days, or one key.") }
    }

    private func query() throws -> UsageReport.Query {
        var query = UsageReport.Query()
        do throws(StoreError) {
            query.by = try UsageReport.dimensions(by)
        } catch {
            throw ValidationError("--\(error)")
        }
        query.firstDay = try CommandValue.day(since, option: "since")
        query.lastDay = try CommandValue.day(until, option: "until")
        query.key = key
        return query
    }

    private static func table(_ report: UsageReport) -> String {
        let head = ["REQUESTS", "ERRORS", "TRUNCATED", "PROMPT", "CACHED", "ANSWER", "THINKING", "COST $", "UNPRICED"]
        let rows = report.lines.map { line in
            let totals = line.totals
            let numbers = [
                totals.requests, totals.errors, totals.truncated, totals.counts.prompt, totals.counts.cached,
                totals.counts.completion, totals.counts.thinking,
            ]
            return line.values + numbers.map(String.init) + ["\(totals.cost)", String(totals.unpriced)]
        }
        return Table.text(report.by.map { $0.rawValue.uppercased() } + head, rows, rightAlignedFrom: report.by.count)
    }
}
