/// How long requests take before anything comes: always the same, or drawn by chance.
enum Latency: Sendable, Equatable {
    /// The longest that is waited.
    static let maximumMilliseconds = 600_000

    case fixed(milliseconds: Int)
    /// All lengths between two are equally likely.
    case uniform(milliseconds: ClosedRange<Int>)
    /// Half of the requests are faster than the median, one in twenty is slower than `p95`.
    case lognormal(medianMilliseconds: Int, p95Milliseconds: Int)

    func draw(_ chance: inout Chance) -> Int {
        let milliseconds: Int
        switch self {
        case .fixed(let fixed): milliseconds = fixed
        case .uniform(let range):
            milliseconds = range.lowerBound + chance.below(range.upperBound - range.lowerBound + 1)
        case .lognormal(let median, let p95):
            // 1.645 deviations above the mean lies the 95th percentile. Powers of two need no library.
            let exponent = Self.normal(&chance) / 1.645
            let ratio = max(Double(p95) / Double(max(median, 1)), 1)
            milliseconds = Int(min(Double(median) * Self.power(ratio, exponent), Double(Self.maximumMilliseconds)))
        }
        return min(max(milliseconds, 0), Self.maximumMilliseconds)
    }

    /// A sum of twelve even numbers is as good as normal: mean 0, deviation 1.
    private static func normal(_ chance: inout Chance) -> Double {
        var sum = -6.0
        for _ in 0..<12 { sum += chance.fraction() }
        return sum
    }

    /// `base` (at least 1) to the power of a small number, by its binary digits.
    private static func power(_ base: Double, _ exponent: Double) -> Double {
        var result = 1.0
        var whole = Int(exponent.magnitude)
        var factor = base
        while whole > 0 {
            if whole & 1 == 1 { result *= factor }
            factor *= factor
            whole >>= 1
        }
        var fraction = exponent.magnitude - exponent.magnitude.rounded(.down)
        var root = base.squareRoot()
        for _ in 0..<20 {
            fraction *= 2
            if fraction >= 1 {
                result *= root
                fraction -= 1
            }
            root = root.squareRoot()
        }
        return exponent < 0 ? 1 / result : result
    }
}
