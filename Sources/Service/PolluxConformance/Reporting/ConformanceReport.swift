import PolluxJSON

/// What came of a run, by group.
public struct ConformanceReport: Sendable {
    enum Outcome: Sendable, Equatable {
        case passed
        /// What was wrong.
        case failed([String])
        /// It needs an upstream of the suite's own.
        case skipped
    }

    struct Result: Sendable {
        var group: String
        var name: String
        var rules: [String]
        var outcome: Outcome
    }

    private(set) var results: [Result] = []

    mutating func add(_ one: ConformanceCase, _ outcome: Outcome) {
        results.append(Result(group: one.group, name: one.name, rules: one.rules, outcome: outcome))
    }

    /// Whether nothing failed.
    public var isClean: Bool { results.allSatisfy { if case .failed = $0.outcome { false } else { true } } }

    struct Score: Sendable, Equatable {
        var name: String
        var passed = 0
        var failed = 0
        var skipped = 0

        var ran: Int { passed + failed }
        var percent: String { ran == 0 ? "–" : "\((passed * 100 + ran / 2) / ran) %" }

        mutating func count(_ outcome: Outcome) {
            switch outcome {
            case .passed: passed += 1
            case .failed: failed += 1
            case .skipped: skipped += 1
            }
        }
    }

    /// One for each group, in the order of the suite, and the sum.
    var scores: (groups: [Score], total: Score) {
        var groups: [Score] = []
        var total = Score(name: "all")
        for result in results {
            if groups.last?.name != result.group { groups.append(Score(name: result.group)) }
            groups[groups.count - 1].count(result.outcome)
            total.count(result.outcome)
        }
        return (groups, total)
    }

    public enum Format: String, Sendable, CaseIterable {
        case text
        case json
        case markdown
    }

    public func text(as format: Format) -> String {
        switch format {
        case .text: plain
        case .json: String(decoding: PrettyJSON.text(of: json.bytes), as: UTF8.self)
        case .markdown: markdown
        }
    }

    // MARK: Formats

    private var plain: String {
        let (groups, total) = scores
        var lines: [String] = []
        for result in results {
            guard case .failed(let reasons) = result.outcome else { continue }
            lines.append("FAIL  \(result.group): \(result.name) (\(result.rules.joined(separator: ", ")))")
            lines += reasons.map { "        \($0)" }
        }
        if !lines.isEmpty { lines.append("") }
        let width = (groups.map(\.name.count).max() ?? 0) + 2
        for score in groups + [total] {
            let name = score.name + String(repeating: " ", count: max(0, width - score.name.count))
            let skipped = score.skipped > 0 ? ", \(score.skipped) not tried" : ""
            lines.append("\(name)\(score.passed) of \(score.ran)\(skipped)")
        }
        return lines.joined(separator: "\n")
    }

    private var markdown: String {
        let (groups, total) = scores
        var lines = ["| group | passed | failed | not tried | score |", "|---|---:|---:|---:|---:|"]
        for score in groups {
            lines.append("| \(score.name) | \(score.passed) | \(score.failed) | \(score.skipped) | \(score.percent) |")
        }
        lines.append("| **all** | \(total.passed) | \(total.failed) | \(total.skipped) | \(total.percent) |")
        let failed = results.filter { if case .failed = $0.outcome { true } else { false } }
        if !failed.isEmpty {
            lines += ["", "Failed:", ""]
            lines += failed.map { "- \($0.group): \($0.name) (\($0.rules.joined(separator: ", ")))" }
        }
        return lines.joined(separator: "\n")
    }

    private var json: JSONValue {
        let (groups, total) = scores
        func object(_ score: Score) -> JSONValue {
            .object([
                .init("name", .string(score.name)), .init("passed", .number("\(score.passed)")),
                .init("failed", .number("\(score.failed)")), .init("skipped", .number("\(score.skipped)")),
            ])
        }
        let cases = results.map { result in
            var members: [JSONValue.Member] = [
                .init("group", .string(result.group)), .init("name", .string(result.name)),
                .init("rules", .array(result.rules.map { .string($0) })),
            ]
            switch result.outcome {
            case .passed: members.append(.init("outcome", .string("passed")))
            case .skipped: members.append(.init("outcome", .string("skipped")))
            case .failed(let reasons):
                members.append(.init("outcome", .string("failed")))
                members.append(.init("reasons", .array(reasons.map { .string($0) })))
            }
            return JSONValue.object(members)
        }
        return .object([
            .init("groups", .array(groups.map(object))), .init("total", object(total)), .init("cases", .array(cases)),
        ])
    }
}
