/// What becomes of every field of a request. No field is lost in silence: each has a row here, and the
/// documentation is written from it.
public struct ParameterLedger: Sendable {
    public enum Fate: String, Sendable {
        case translated
        /// Accepted and without effect.
        case ignored
    }

    public struct Row: Sendable {
        /// `messages[].content[].image_url.detail`
        public var path: String
        public var fate: Fate
        /// Where it goes, or why it goes nowhere.
        public var remark: String
        /// Rules, `REQ-006`.
        public var rules: String
    }

    /// The row for a field: its own, else that of the nearest field it is part of.
    public static func row(for path: String) -> Row? {
        var path = path[...]
        while true {
            if let row = rows.first(where: { $0.path == path }) { return row }
            guard let end = path.lastIndex(where: { $0 == "." || $0 == "[" }) else { return nil }
            path = path[..<end]
        }
    }

    /// The table as a document.
    public static func markdown() -> String {
        var text = """
            # Parameters

            What becomes of every field of a Chat Completions request. A member that is not listed is ignored; a
            listed one of the wrong type is a 400 that names it. `null` is the same as absent. This document is
            written from the table in the code.

            | field | fate | where it goes, or why it goes nowhere | rules |
            | --- | --- | --- | --- |

            """
        for row in rows { text += "| `\(row.path)` | \(row.fate.rawValue) | \(row.remark) | \(row.rules) |\n" }
        return text + EmbeddingLedger.markdown()
    }

    public static let rows: [Row] = messages + containers + parameters + nativeTools + extensions
}
