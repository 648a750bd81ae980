/// How many values lie below each of some bounds, and their sum.
public struct Histogram: Sendable {
    /// Upper bounds of the buckets, rising; the last bucket takes the rest.
    public struct Bounds: Sendable {
        public let values: [UInt64]
        /// By what values and sum are divided when they are shown: 1e9 makes seconds of nanoseconds.
        public let unit: Double
    }

    /// Bounds that a histogram can have.
    static let maximumBounds = 16

    public private(set) var counts = InlineArray<17, Int>(repeating: 0)
    public private(set) var sum: UInt64 = 0

    public init() {}

    public var count: Int {
        var total = 0
        for index in counts.indices { total += counts[index] }
        return total
    }

    public mutating func add(_ value: UInt64, _ bounds: Bounds) {
        var place = 0
        while place < bounds.values.count, value > bounds.values[place] { place += 1 }
        counts[place] += 1
        sum &+= value
    }

    /// Adds what another event loop has counted, with the same bounds.
    public mutating func add(_ other: Histogram) {
        for index in counts.indices { counts[index] += other.counts[index] }
        sum &+= other.sum
    }
}

extension Histogram.Bounds {
    private init(microseconds: [UInt64]) {
        values = microseconds.map { $0 * 1000 }
        unit = 1e9
    }

    /// What the gateway adds: ten microseconds to a second.
    public static let own = Self(
        microseconds: [
            10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000,
        ])

    /// OpenTelemetry, GenAI metrics, `gen_ai.client.operation.duration`: doubling from 10 ms to 82 s.
    public static let operation = Self(microseconds: (0..<14).map { 10_000 << $0 })

    /// OpenTelemetry, GenAI metrics, `gen_ai.server.time_to_first_token`.
    public static let firstToken = Self(
        microseconds: [
            1000, 5000, 10_000, 20_000, 40_000, 60_000, 80_000, 100_000, 250_000, 500_000, 750_000, 1_000_000,
            2_500_000, 5_000_000, 7_500_000, 10_000_000,
        ])

    /// OpenTelemetry, GenAI metrics, `gen_ai.client.token.usage`: powers of four to 67 million.
    public static let tokens = Self(values: (0..<14).map { 1 << (2 * $0) }, unit: 1)
}
