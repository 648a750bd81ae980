import Foundation
import PolluxTranslation
import Testing

/// The rules of the specification, and where tests cite them.
///
/// A citation is the rule's name, or a range: `MM-015…017` stands for three rules.
@Suite("Every rule has a test")
struct RuleCoverageTests {
    static let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()

    /// `02 REQ-006 temperature …`, as file and name.
    static let rules: [(file: String, name: String)] = {
        let list = try? String(
            contentsOf: tests.appending(path: "PolluxTranslationTests/Resources/rules.txt"), encoding: .utf8)
        return (list ?? "").split(separator: "\n").filter { !$0.hasPrefix("#") }.map { line in
            let words = line.split(separator: " ", maxSplits: 2)
            return (String(words[0]), String(words[1]))
        }
    }()

    /// Files of rules that are not built, or not all: what they lack is known and not hidden.
    static let unfinished: Set<String> = ["01"]

    @Test("The list of rules that no test cites is empty")
    func uncited() throws {
        #expect(Self.rules.count == 420)
        let cited = try Self.citations()
        let uncited = Self.rules.filter { !cited.contains($0.name) && !Self.unfinished.contains($0.file) }
        #expect(uncited.map(\.name) == [])
    }

    @Test("Tests and tables cite rules that there are")
    func existing() throws {
        let known = Set(Self.rules.map(\.name))
        let areas = Set(known.map { $0.prefix { $0 != "-" } })
        var tables: Set<String> = []
        for row in ParameterLedger.rows + EmbeddingLedger.rows + AnswerLedger.rows {
            tables.formUnion(Self.citations(in: row.rules, ends: true))
        }
        let unknown = try Self.citations(ends: true).union(tables).filter { name in
            areas.contains(name.prefix { $0 != "-" }) && !known.contains(name)
        }
        #expect(unknown.sorted() == [])
    }

    /// What all tests cite: in Swift, in Python, in the words of golden cases.
    ///
    /// - Parameter ends: of a range only its ends, since it may have gaps.
    private static func citations(ends: Bool = false) throws -> Set<String> {
        var found: Set<String> = []
        let files = FileManager.default.enumerator(at: tests, includingPropertiesForKeys: nil)
        while let file = files?.nextObject() as? URL {
            let isTest =
                ["swift", "py"].contains(file.pathExtension) || file.lastPathComponent == "case.md"
            guard isTest, file.lastPathComponent != "RuleCoverageTests.swift" else { continue }
            found.formUnion(citations(in: try String(contentsOf: file, encoding: .utf8), ends: ends))
        }
        return found
    }

    private static func citations(in text: String, ends: Bool) -> Set<String> {
        var found: Set<String> = []
        for match in text.matches(of: /\b([A-Z]{2,8})-([0-9]{3})(?:(?:…|–)([0-9]{3}))?/) {
            let area = match.output.1
            guard let first = Int(match.output.2) else { continue }
            let last = match.output.3.flatMap { Int($0) } ?? first
            for number in first...max(first, last) where !ends || number == first || number == last {
                found.insert("\(area)-" + String(repeating: "0", count: 3 - String(number).count) + "\(number)")
            }
        }
        return found
    }
}
