import PolluxStore

/// Columns on a terminal.
///
/// Control characters are shown as `?`, and so is what turns the direction of writing or is not seen at all: a terminal
/// obeys them, and a client may name a model with some.
enum Table {
    /// One long name would make every line long. Behind the last column stands nothing, so that it may be longer; JSON
    /// and CSV have all of it.
    private static let maximumWidth = 48

    /// - Parameter column: from this one on, numbers stand at the right.
    static func text(_ head: [String], _ rows: [[String]], rightAlignedFrom column: Int = .max) -> String {
        let lines = [head] + rows.map { $0.dropLast().map { shortened(harmless($0)) } + $0.suffix(1).map(harmless) }
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

    private static func shortened(_ text: String) -> String {
        text.count > maximumWidth ? text.prefix(maximumWidth - 1) + "…" : text
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

    /// The last day that is wholly before a moment, or holds it.
    static func day(before seconds: Int) -> String { UsageDate.text((max(seconds, 1) - 1) / 86_400) }
}
