import PolluxStore

/// Columns on a terminal.
///
/// Control characters are shown as `?`, and so is what turns the direction of writing or is not seen at all: a terminal
/// obeys them, and a client may name a model with some.
enum Table {
    /// - Parameter column: from this one on, numbers stand at the right.
    static func text(_ head: [String], _ rows: [[String]], rightAlignedFrom column: Int) -> String {
        let lines = [head] + rows.map { $0.map(harmless) }
        let widths = head.indices.map { index in lines.map { $0[index].count }.max() ?? 0 }
        return lines.map { line in
            let cells = line.enumerated().map { index, cell in
                let space = String(repeating: " ", count: widths[index] - cell.count)
                return index >= column ? space + cell : cell + space
            }
            let text = cells.joined(separator: "  ")
            return String(text[..<(text.lastIndex { $0 != " " }.map { text.index(after: $0) } ?? text.startIndex)])
        }.joined(separator: "\n")
    }

    private static func harmless(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.map { isHarmless($0) ? $0 : "?" }))
    }

    private static func isHarmless(_ character: Unicode.Scalar) -> Bool {
        switch character.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator: false
        default: true
        }
    }

    static func number(_ value: Int?) -> String { value.map(String.init) ?? "" }

    /// The last day that is wholly before a moment, or holds it.
    static func day(before seconds: Int) -> String { UsageDate.text((max(seconds, 1) - 1) / 86_400) }
}
