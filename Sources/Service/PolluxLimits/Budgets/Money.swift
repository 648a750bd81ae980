/// An amount of US dollars, exact to a billionth.
///
/// - Unit: nanodollars. One token of the cheapest model costs some ten of them; what fits is nine billion dollars.
public struct Money: Sendable, Hashable, Comparable {
    public var nanodollars: Int

    public init(nanodollars: Int) { self.nanodollars = nanodollars }

    public static let zero = Money(nanodollars: 0)

    public static func < (first: Money, second: Money) -> Bool { first.nanodollars < second.nanodollars }

    /// Both; as much as fits when it is more.
    public static func + (first: Money, second: Money) -> Money {
        let (sum, isTooMuch) = first.nanodollars.addingReportingOverflow(second.nanodollars)
        return Money(nanodollars: isTooMuch ? (second.nanodollars < 0 ? .min : .max) : sum)
    }

    private static let maximumWholeDigits = 9
    private static let fractionDigits = 9
    private static let nanodollarsPerDollar = 1_000_000_000

    /// Reads dollars, `12` or `0.075`; `nil` for anything else: a sign, a unit, an exponent, a tenth digit behind
    /// the point.
    public init?(dollars text: some StringProtocol) {
        let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = parts.first, let whole = Self.digits(first, upTo: Self.maximumWholeDigits) else { return nil }
        var fraction = 0
        if parts.count == 2 {
            guard let value = Self.digits(parts[1], upTo: Self.fractionDigits) else { return nil }
            fraction = (parts[1].count..<Self.fractionDigits).reduce(value) { product, _ in product * 10 }
        }
        nanodollars = whole * Self.nanodollarsPerDollar + fraction
    }

    private static func digits(_ text: some StringProtocol, upTo maximum: Int) -> Int? {
        guard (1...maximum).contains(text.utf8.count), text.utf8.allSatisfy({ $0 &- UInt8(ascii: "0") < 10 }) else {
            return nil
        }
        return text.utf8.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
    }
}

extension Money: CustomStringConvertible {
    /// Dollars with at least two digits behind the point, and no more than there are: `0.10`, `12.000075`.
    public var description: String {
        let magnitude = nanodollars.magnitude
        let unit = UInt(Self.nanodollarsPerDollar)
        var digits = String(magnitude % unit)
        digits = String(repeating: "0", count: Self.fractionDigits - digits.utf8.count) + digits
        while digits.utf8.count > 2, digits.utf8.last == UInt8(ascii: "0") { digits.removeLast() }
        return "\(nanodollars < 0 ? "-" : "")\(magnitude / unit).\(digits)"
    }
}
