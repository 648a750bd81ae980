public import PolluxJSON
import PolluxLimits
import PolluxObservation

/// Reports as text that programs read.
extension UsageReport {
    private static let columns: [(name: StaticString, value: @Sendable (UsageTotals) -> Int)] = [
        ("requests", { $0.requests }), ("errors", { $0.errors }), ("truncated", { $0.truncated }),
        ("prompt_tokens", { $0.counts.prompt }), ("cached_tokens", { $0.counts.cached }),
        ("prompt_audio_tokens", { $0.counts.promptAudio }), ("completion_tokens", { $0.counts.completion }),
        ("thinking_tokens", { $0.counts.thinking }), ("completion_audio_tokens", { $0.counts.completionAudio }),
        ("unpriced_requests", { $0.unpriced }),
    ]

    /// RFC 4180, with a head. Cost is in dollars.
    public func csv() -> String {
        var lines = [by.map(\.rawValue) + Self.columns.map { "\($0.name)" } + ["cost"]]
        for line in self.lines {
            lines.append(line.values + Self.columns.map { String($0.value(line.totals)) } + ["\(line.totals.cost)"])
        }
        return lines.map { $0.map(Self.cell).joined(separator: ",") + "\r\n" }.joined()
    }

    /// In quotes where it must be. What a spreadsheet would take for a formula gets an apostrophe.
    private static func cell(_ text: String) -> String {
        var text = text
        if let first = text.utf8.first, "=+-@\t\r".utf8.contains(first) { text = "'" + text }
        guard text.utf8.contains(where: { ",\"\r\n".utf8.contains($0) }) else { return text }
        return "\"" + text.replacing("\"", with: "\"\"") + "\""
    }

    /// `{"by":["key"],"lines":[{"key":"team","requests":…,"cost":"0.10"}],"complete":true}`; cost is in dollars, as text
    /// so that no digit is lost.
    public func json() -> String {
        var writer = JSONWriter()
        write(into: &writer)
        return String(copying: writer.output.span)
    }

    public func write(into writer: inout JSONWriter) {
        writer.beginObject()
        writer.key("by")
        writer.beginArray()
        for dimension in by { writer.string(text: dimension.rawValue) }
        writer.endArray()
        writer.key("lines")
        writer.beginArray()
        for line in lines {
            writer.beginObject()
            for (dimension, value) in zip(by, line.values) {
                writer.key(text: dimension.rawValue)
                writer.string(text: value)
            }
            for column in Self.columns {
                writer.key(column.name)
                writer.integer(column.value(line.totals))
            }
            writer.key("cost")
            writer.string(text: line.totals.cost.description)
            writer.endObject()
        }
        writer.endArray()
        writer.key("complete")
        writer.boolean(!isCut)
        writer.endObject()
    }
}
