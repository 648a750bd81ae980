/// Lengths of time as Google and scripts write them.
enum TimeSpan {
    /// The longest that is read: a year.
    static let maximumMilliseconds = 365 * 86_400_000

    /// Milliseconds of `300s`, `1.5s`, `250ms`, `2m`, `1h` or `7d`; Google's own form is the first one.
    static func milliseconds(_ text: String) -> Int? {
        let digits = text.prefix { $0.isASCII && ($0.isNumber || $0 == "." || $0 == "-") }
        let unit: Double
        switch text[digits.endIndex...] {
        case "ms": unit = 1
        case "s": unit = 1000
        case "m": unit = 60_000
        case "h": unit = 3_600_000
        case "d": unit = 86_400_000
        default: return nil
        }
        guard let number = Double(digits), abs(number * unit) <= Double(maximumMilliseconds) else { return nil }
        return Int((number * unit).rounded())
    }

    /// `1.5s`
    static func text(milliseconds: Int) -> String {
        milliseconds % 1000 == 0 ? "\(milliseconds / 1000)s" : "\(Double(milliseconds) / 1000)s"
    }
}
