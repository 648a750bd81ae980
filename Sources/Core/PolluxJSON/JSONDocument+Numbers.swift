/// Numbers: copied by their digits; these functions are for range checks and counts.
extension JSONDocument {
    /// The number as an integer, when it is one and fits: `7`, `-3`, `24576.0`, `1e3`.
    ///
    /// With an exponent it must be below 2^53.
    public func integer(_ node: JSONNode) -> Int? {
        guard isNumber(node) else { return nil }
        let raw = self.raw(node)
        if raw.count <= 18, let few = Self.digits(raw) { return few }
        var at = 0
        var isNegative = false
        if raw[0] == UInt8(ascii: "-") {
            isNegative = true
            at = 1
        }
        var value = 0
        while at < raw.count {
            let digit = raw[at] &- UInt8(ascii: "0")
            guard digit < 10 else { break }
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) = product.subtractingReportingOverflow(Int(digit))
            if overflow || carry { return nil }
            value = sum
            at += 1
        }
        if at < raw.count {
            guard raw[at] == UInt8(ascii: ".") else { return exponential(node) }
            for index in at + 1..<raw.count where raw[index] != UInt8(ascii: "0") { return exponential(node) }
        }
        if isNegative { return value }
        return value == Int.min ? nil : -value
    }

    /// The value of digits alone, so few that none are lost; `nil` when there is anything else.
    private static func digits(_ raw: Span<UInt8>) -> Int? {
        var value = 0
        for index in raw.indices {
            let digit = raw.byte(at: index) &- UInt8(ascii: "0")
            guard digit < 10 else { return nil }
            value = value &* 10 &+ Int(digit)
        }
        return value
    }

    /// The integer that a number with an exponent is.
    private func exponential(_ node: JSONNode) -> Int? {
        let raw = self.raw(node)
        for index in raw.indices where raw[index] | 0x20 == UInt8(ascii: "e") {
            guard let value = double(node), value.magnitude < 0x1p53 else { return nil }
            let whole = Int(value)  // Towards zero; `Int(exactly:)` would link the C library's mathematics.
            return Double(whole) == value ? whole : nil
        }
        return nil
    }

    /// Whether the number is an integer, whatever its size when it is written without an exponent.
    public func isIntegral(_ node: JSONNode) -> Bool {
        guard isNumber(node) else { return false }
        let raw = self.raw(node)
        for index in raw.indices where raw[index] == UInt8(ascii: ".") || raw[index] | 0x20 == UInt8(ascii: "e") {
            return integer(node) != nil
        }
        return true
    }

    /// The nearest binary number; infinite when it is too large.
    public func double(_ node: JSONNode) -> Double? {
        guard isNumber(node) else { return nil }
        return shortDecimal(raw(node)) ?? Double(string(node))
    }

    /// The value of at most fifteen digits with a point in or behind them: both halves of the division are exact, so
    /// that its result is the nearest number.
    private func shortDecimal(_ raw: Span<UInt8>) -> Double? {
        guard raw.count <= 16 else { return nil }
        let isNegative = raw[0] == UInt8(ascii: "-")
        var digits = 0
        var divisor: Int?
        for index in (isNegative ? 1 : 0)..<raw.count {
            if raw[index] == UInt8(ascii: ".") {
                divisor = 1
                continue
            }
            let digit = raw[index] &- UInt8(ascii: "0")
            guard digit < 10 else { return nil }
            digits = digits * 10 + Int(digit)
            divisor = divisor.map { $0 * 10 }
        }
        guard digits < 1 << 53 else { return nil }
        let magnitude = Double(digits) / Double(divisor ?? 1)
        return isNegative ? -magnitude : magnitude
    }
}
