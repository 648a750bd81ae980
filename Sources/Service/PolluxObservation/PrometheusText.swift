/// Writes metrics in Prometheus' text format, version 0.0.4.
///
///     # HELP pollux_retries_total Upstream calls beyond the first.
///     # TYPE pollux_retries_total counter
///     pollux_retries_total{backend="vertex"} 3
public struct PrometheusText: Sendable {
    public enum Kind: String, Sendable { case counter, gauge, histogram }

    public typealias Labels = [(name: StaticString, value: String)]

    public private(set) var text = ""
    private var name = ""

    public init() {}

    /// Begins a metric; its samples follow.
    public mutating func begin(_ name: StaticString, _ kind: Kind, _ help: StaticString) {
        self.name = "\(name)"
        text += "# HELP \(name) \(help)\n# TYPE \(name) \(kind.rawValue)\n"
    }

    public mutating func sample(_ value: Int, _ labels: Labels = []) { line("", labels, "\(value)") }

    public mutating func sample(_ value: Double, _ labels: Labels = []) { line("", labels, "\(value)") }

    public mutating func sample(_ histogram: Histogram, _ bounds: Histogram.Bounds, _ labels: Labels = []) {
        var below = 0
        for (index, bound) in bounds.values.enumerated() {
            below += histogram.counts[index]
            line("_bucket", labels + [("le", Self.number(Double(bound) / bounds.unit))], "\(below)")
        }
        line("_bucket", labels + [("le", "+Inf")], "\(histogram.count)")
        line("_sum", labels, Self.number(Double(histogram.sum) / bounds.unit))
        line("_count", labels, "\(histogram.count)")
    }

    /// One metric with one sample.
    public mutating func gauge(_ name: StaticString, _ value: Int, _ help: StaticString) {
        begin(name, .gauge, help)
        sample(value)
    }

    /// One metric with one sample.
    public mutating func counter(_ name: StaticString, _ value: Int, _ help: StaticString) {
        begin(name, .counter, help)
        sample(value)
    }

    private mutating func line(_ suffix: StaticString, _ labels: Labels, _ value: String) {
        text += name
        text += "\(suffix)"
        var separator = "{"
        for label in labels {
            text += "\(separator)\(label.name)=\"\(Self.escaped(label.value))\""
            separator = ","
        }
        if !labels.isEmpty { text += "}" }
        text += " \(value)\n"
    }

    /// Whole numbers without a fraction, so that `le="1"` is one text everywhere.
    private static func number(_ value: Double) -> String {
        Int(exactly: value).map { "\($0)" } ?? "\(value)"
    }

    private static func escaped(_ value: String) -> String {
        guard value.utf8.contains(where: { $0 == 0x22 || $0 == 0x5C || $0 == 0x0A }) else { return value }
        var result = ""
        for character in value.unicodeScalars {
            switch character {
            case "\\": result += "\\\\"
            case "\"": result += "\\\""
            case "\n": result += "\\n"
            default: result.unicodeScalars.append(character)
            }
        }
        return result
    }
}
