import PolluxJSON
import Testing

@testable import PolluxConformance

@Suite("The report of a conformance run")
struct ReportTests {
    static let report: ConformanceReport = {
        var report = ConformanceReport()
        func one(_ group: String, _ name: String) -> ConformanceCase {
            ConformanceCase(group: group, name: name, rules: ["R-1"], steps: [], takesAnyAnswer: false)
        }
        report.add(one("One", "first"), .passed)
        report.add(one("One", "second"), .failed(["x: expected 1, got 2"]))
        report.add(one("Two", "third"), .skipped)
        return report
    }()

    @Test("Text: what failed and why, then a line for each group")
    func text() {
        #expect(
            Self.report.text(as: .text) == """
                FAIL  One: second (R-1)
                        x: expected 1, got 2

                One  1 of 2
                Two  0 of 0, 1 not tried
                all  1 of 2, 1 not tried
                """
        )
        #expect(!Self.report.isClean)
    }

    @Test("Markdown: a table, and a list of what failed")
    func markdown() {
        let lines = Self.report.text(as: .markdown).split(separator: "\n")
        #expect(lines.contains("| One | 1 | 1 | 0 | 50 % |"))
        #expect(lines.contains("| Two | 0 | 0 | 1 | – |"))
        #expect(lines.contains("- One: second (R-1)"))
    }

    @Test("JSON: groups, sum and every case")
    func document() {
        let document = json(Self.report.text(as: .json))
        #expect(document["total"] == json(#"{"name":"all","passed":1,"failed":1,"skipped":1}"#))
        #expect(document["cases"]?.elements?[1]["reasons"] == json(#"["x: expected 1, got 2"]"#))
    }
}
