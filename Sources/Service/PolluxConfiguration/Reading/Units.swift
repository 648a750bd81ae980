/// Numbers with a unit, as the configuration writes them.
///
///     500ms   15s   2.5s   10m   24h      durations
///     1048576   64KiB   20MiB   1GiB      sizes in bytes
enum Units {
    private static let durations: [(unit: String, milliseconds: Int64)] = [
        ("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000),
    ]

    private static let sizes: [(unit: String, bytes: Int)] = [
        ("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10),
    ]

    /// Enough for every limit of a key.
    private static let maximumDigits = 15

    /// `nil` when `text` is not a number with a unit, or is too long for a clock. Fractions are exact to the microsecond.
    static func duration(_ text: String) -> Duration? {
        let digits = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
        let unit = text[digits.endIndex...]
        guard let row = durations.first(where: { $0.unit == unit }) else { return nil }
        let parts = digits.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count <= 2, let whole = number(parts[0]) else { return nil }
        var microseconds = Int128(whole) * Int128(row.milliseconds * 1000)
        if parts.count == 2 {
            guard parts[1].count <= 6, let fraction = number(parts[1]) else { return nil }
            let scale = (0..<parts[1].count).reduce(1) { product, _ in product * 10 }
            microseconds += Int128(fraction) * Int128(row.milliseconds * 1000) / Int128(scale)
        }
        return Int64(exactly: microseconds).map { .microseconds($0) }
    }

    /// `nil` when `text` is not a number of bytes.
    static func bytes(_ text: String) -> Int? {
        for row in sizes where text.hasSuffix(row.unit) {
            guard let count = number(text.dropLast(row.unit.count)) else { return nil }
            let (product, overflow) = count.multipliedReportingOverflow(by: row.bytes)
            return overflow ? nil : product
        }
        return number(text[...])
    }

    /// Decimal digits only: no sign, no space, no other script's digits.
    static func number(_ text: Substring) -> Int? {
        guard !text.isEmpty, text.count <= maximumDigits, text.allSatisfy({ $0.isASCII && $0.isNumber })
        else { return nil }
        return Int(text)
    }

    /// `0`, `0.05`, `1`: digits with at most one point; no sign, no exponent.
    static func fraction(_ text: String) -> Double? {
        guard text.utf8.count <= maximumDigits, text.utf8.allSatisfy({ $0 &- 0x30 < 10 || $0 == UInt8(ascii: ".") })
        else {
            return nil
        }
        return Double(text)
    }

    /// The shortest exact form.
    static func text(_ duration: Duration) -> String {
        let (seconds, attoseconds) = duration.components
        let milliseconds = seconds * 1000 + attoseconds / 1_000_000_000_000_000
        for row in durations.reversed() where milliseconds % row.milliseconds == 0 {
            return "\(milliseconds / row.milliseconds)\(row.unit)"
        }
        return "\(milliseconds)ms"
    }

    /// The shortest exact form.
    static func text(bytes: Int) -> String {
        for row in sizes where bytes != 0 && bytes % row.bytes == 0 {
            return "\(bytes / row.bytes)\(row.unit)"
        }
        return String(bytes)
    }
}
