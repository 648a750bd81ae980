public import PolluxJSON

/// What became of one field of a request or of an answer.
public struct FieldReport: Sendable, Equatable {
    /// `messages[2].content[0].text`
    public var path: String
    public var fate: TranslationNote.Fate
    /// Where it went, what was changed, or why it goes nowhere.
    public var detail: String
    /// Rules, `MSG-011` or `MM-015…017`.
    public var rules: String

    /// The fate of every field of a Chat Completions request, in its own order.
    ///
    /// - Parameter notes: those that the translation took; they tell what the table cannot know.
    public static func reports(
        ofRequest json: borrowing JSONDocument, notes: [TranslationNote]
    ) -> [FieldReport] {
        var walk = FieldWalk(
            .ofRequests, notes: notes,
            aliases: [("google", "extra_body.google"), ("pollux", "extra_body.pollux")])
        walk.visit(.root, of: json)
        return walk.reports + walk.unusedNotes
    }

    /// The fate of every field of a `GenerateContentResponse`, or of one event of a stream.
    public static func reports(ofAnswer json: borrowing JSONDocument) -> [FieldReport] {
        var walk = FieldWalk(.ofAnswers, notes: [], aliases: [])
        walk.visit(.root, of: json)
        return walk.reports
    }

    /// Writes `{"detail":…,"fate":…,"path":…,"rules":…}`.
    public func write(into writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("detail", detail)
        writer.member("fate", fate.rawValue)
        writer.member("path", path)
        writer.member("rules", rules)
        writer.endObject()
    }
}

/// A walk over a document, with the table of fates beside it.
private struct FieldWalk {
    private let table: FateTable
    private var notes: NotesByPath
    /// Members that are another way to write members of the table.
    private let aliases: [(from: String, to: String)]
    var reports: [FieldReport] = []

    init(_ table: FateTable, notes: [TranslationNote], aliases: [(from: String, to: String)]) {
        self.table = table
        self.notes = NotesByPath(notes)
        self.aliases = aliases
    }

    /// Notes about what the walk did not come by: something that is not there.
    var unusedNotes: [FieldReport] { notes.unused.map { report($0) } }

    /// Tells of a value and all in it.
    ///
    /// - Parameters:
    ///   - path: as the client wrote it.
    ///   - name: the path as notes write it: without aliases, and Google's names in `snake_case`.
    ///   - pattern: the path as the table writes it: `messages[].content[].text`.
    mutating func visit(
        _ node: JSONNode, of json: borrowing JSONDocument, path: String = "", name: String = "", pattern: String = ""
    ) {
        let own = tell(notes.takeNotes(about: name), of: name, as: path)
        if own.contains(where: { $0.fate == .ignored }) {
            _ = tell(notes.takeNotes(inside: name), of: name, as: path)
            return
        }
        guard table.hasParts(pattern), json.isObject(node) || json.isArray(node), !json.isEmpty(node) else {
            let inner = tell(notes.takeNotes(inside: name), of: name, as: path)
            if own.isEmpty, !path.isEmpty {
                reports.append(report(node, of: json, path: path, pattern: pattern, hasNotes: !inner.isEmpty))
            }
            return
        }
        if json.isArray(node) {
            var elements = json.elements(node)
            var index = 0
            while let element = elements.next(in: json) {
                let place = "[\(index)]"
                visit(element, of: json, path: path + place, name: name + place, pattern: "\(pattern)[]")
                index += 1
            }
        } else {
            // Google's names may be written in both ways (GEN-007); the table has one.
            let isGoogles = pattern.hasSuffix(".google") || pattern.contains(".google.") || pattern == "tools[]"
            var members = json.members(node)
            while let member = members.next(in: json) {
                let key = json.string(member.key)
                let alias = path.isEmpty ? aliases.first { $0.from == key }?.to : nil
                let word = alias ?? (isGoogles ? snakeCase(key) : key)
                visit(
                    member.value, of: json, path: path.isEmpty ? key : "\(path).\(key)",
                    name: name.isEmpty ? word : "\(name).\(word)",
                    pattern: pattern.isEmpty ? word : "\(pattern).\(word)")
            }
        }
    }

    private func report(
        _ node: JSONNode, of json: borrowing JSONDocument, path: String, pattern: String, hasNotes: Bool
    ) -> FieldReport {
        if json.isNull(node) {
            return FieldReport(path: path, fate: .ignored, detail: "null is the same as absent", rules: "GEN-003")
        }
        guard let row = table.row(for: pattern) ?? ofElements(pattern) else {
            return FieldReport(path: path, fate: .ignored, detail: "not a field of the API", rules: "GEN-002")
        }
        let fate: TranslationNote.Fate = row.fate == .ignored ? .ignored : hasNotes ? .changed : .mapped
        return FieldReport(path: path, fate: fate, detail: row.remark, rules: row.rules)
    }

    /// The row of a list, for one of its plain elements: `stop[]` is part of `stop`.
    private func ofElements(_ pattern: String) -> ParameterLedger.Row? {
        pattern.hasSuffix("[]") ? table.row(for: String(pattern.dropLast(2))) : nil
    }

    /// Reports notes about a value and what is in it, by the path that the client wrote.
    private mutating func tell(_ taken: [TranslationNote], of name: String, as path: String) -> [TranslationNote] {
        for note in taken {
            var report = report(note)
            report.path = path + note.path.dropFirst(name.count)
            reports.append(report)
        }
        return taken
    }

    /// A note; where it has no words of its own, those of the table.
    private func report(_ note: TranslationNote) -> FieldReport {
        var detail = note.detail
        if detail.isEmpty { detail = table.row(for: Self.pattern(note.path))?.remark ?? "" }
        return FieldReport(path: note.path, fate: note.fate, detail: detail, rules: note.rule)
    }

    /// `messages[3].content[0]` as the table writes it: `messages[].content[]`.
    private static func pattern(_ path: String) -> String {
        var isIndex = false
        return String(
            path.filter { character in
                if character == "[" {
                    isIndex = true
                } else if character == "]" {
                    isIndex = false
                } else {
                    return !isIndex
                }
                return true
            })
    }
}

/// The table of fates by its paths.
private struct FateTable: Sendable {
    static let ofRequests = FateTable(ParameterLedger.rows)
    static let ofAnswers = FateTable(AnswerLedger.rows)

    private var rows: [String: ParameterLedger.Row] = [:]
    /// Paths that a row's path goes on from.
    private var parents: Set<String> = [""]

    init(_ rows: [ParameterLedger.Row]) {
        for row in rows {
            if self.rows[row.path] == nil { self.rows[row.path] = row }
            for index in row.path.indices where row.path[index] == "." || row.path[index] == "[" {
                parents.insert(String(row.path[..<index]))
            }
        }
    }

    func row(for pattern: String) -> ParameterLedger.Row? { rows[pattern] }

    func hasParts(_ pattern: String) -> Bool { parents.contains(pattern) }
}
