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
            rows: ParameterLedger.rows, notes: notes,
            aliases: [("google", "extra_body.google"), ("pollux", "extra_body.pollux")])
        walk.visit(.root, of: json, path: "", pattern: "")
        return walk.reports + walk.unusedNotes
    }

    /// The fate of every field of a `GenerateContentResponse`, or of one event of a stream.
    public static func reports(ofAnswer json: borrowing JSONDocument) -> [FieldReport] {
        var walk = FieldWalk(rows: AnswerLedger.rows, notes: [], aliases: [])
        walk.visit(.root, of: json, path: "", pattern: "")
        return walk.reports
    }

    /// Writes `{"detail":…,"fate":…,"path":…,"rules":…}`.
    public func write(into writer: inout JSONWriter) {
        writer.beginObject()
        writer.key("detail")
        writer.string(text: detail)
        writer.key("fate")
        writer.string(text: fate.rawValue)
        writer.key("path")
        writer.string(text: path)
        writer.key("rules")
        writer.string(text: rules)
        writer.endObject()
    }
}

/// A walk over a document, with the table of fates beside it.
private struct FieldWalk {
    let rows: [ParameterLedger.Row]
    let notes: [TranslationNote]
    /// Members that are another way to write members of the table.
    let aliases: [(from: String, to: String)]
    var reports: [FieldReport] = []
    private var isUsed: [Bool]

    init(rows: [ParameterLedger.Row], notes: [TranslationNote], aliases: [(from: String, to: String)]) {
        self.rows = rows
        self.notes = notes
        self.aliases = aliases
        isUsed = Array(repeating: false, count: notes.count)
    }

    /// Notes about what the walk did not come by: something that is not there.
    var unusedNotes: [FieldReport] {
        notes.indices.filter { !isUsed[$0] }.map { report(notes[$0]) }
    }

    /// - Parameter pattern: the path as the table writes it: `messages[].content[].text`.
    mutating func visit(_ node: JSONNode, of json: borrowing JSONDocument, path: String, pattern: String) {
        let noted = takeNotes { $0 == path }
        guard hasParts(pattern), json.isObject(node) || json.isArray(node), !json.isEmpty(node) else {
            let inner = takeNotes { $0.hasPrefix("\(path).") || $0.hasPrefix("\(path)[") }
            if !noted, !path.isEmpty {
                reports.append(report(node, of: json, path: path, pattern: pattern, hasNotes: inner))
            }
            return
        }
        if json.isArray(node) {
            var elements = json.elements(node)
            var index = 0
            while let element = elements.next(in: json) {
                visit(element, of: json, path: "\(path)[\(index)]", pattern: "\(pattern)[]")
                index += 1
            }
        } else {
            var members = json.members(node)
            while let member = members.next(in: json) {
                let name = json.string(member.key)
                let place = path.isEmpty ? name : "\(path).\(name)"
                let alias = path.isEmpty ? aliases.first { $0.from == name }?.to : nil
                visit(
                    member.value, of: json, path: place,
                    pattern: alias ?? (pattern.isEmpty ? name : "\(pattern).\(name)"))
            }
        }
    }

    private func hasParts(_ pattern: String) -> Bool {
        pattern.isEmpty || rows.contains { $0.path.hasPrefix("\(pattern).") || $0.path.hasPrefix("\(pattern)[") }
    }

    private func report(
        _ node: JSONNode, of json: borrowing JSONDocument, path: String, pattern: String, hasNotes: Bool
    ) -> FieldReport {
        if json.isNull(node) {
            return FieldReport(path: path, fate: .ignored, detail: "null is the same as absent", rules: "GEN-003")
        }
        guard let row = rows.first(where: { $0.path == pattern }) ?? ofElements(pattern) else {
            return FieldReport(path: path, fate: .ignored, detail: "not a field of the API", rules: "GEN-002")
        }
        let fate: TranslationNote.Fate = row.fate == .ignored ? .ignored : hasNotes ? .changed : .mapped
        return FieldReport(path: path, fate: fate, detail: row.remark, rules: row.rules)
    }

    /// The row of a list, for one of its plain elements: `stop[]` is part of `stop`.
    private func ofElements(_ pattern: String) -> ParameterLedger.Row? {
        guard pattern.hasSuffix("[]") else { return nil }
        return rows.first { $0.path == pattern.dropLast(2) }
    }

    /// Reports the notes about paths like these; `false` when there are none.
    private mutating func takeNotes(_ isAbout: (String) -> Bool) -> Bool {
        var found = false
        for index in notes.indices where !isUsed[index] && isAbout(notes[index].path) {
            isUsed[index] = true
            found = true
            reports.append(report(notes[index]))
        }
        return found
    }

    /// A note; where it has no words of its own, those of the table.
    private func report(_ note: TranslationNote) -> FieldReport {
        var detail = note.detail
        if detail.isEmpty { detail = rows.first { $0.path == Self.pattern(note.path) }?.remark ?? "" }
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
