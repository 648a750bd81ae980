/// Durations, counted so that percentiles can be told to within 7 %.
///
/// A duration's place is its highest bit and the three bits behind it, in units of 64 microseconds.
struct DurationSketch: Sendable {
    private var counts: [UInt8: Int] = [:]
    private(set) var count = 0

    mutating func add(nanoseconds: UInt64) {
        counts[Self.place(nanoseconds), default: 0] += 1
        count += 1
    }

    mutating func add(_ other: DurationSketch) {
        counts.merge(other.counts, uniquingKeysWith: +)
        count += other.count
    }

    /// Milliseconds below which this part of the durations lies; `nil` when there are none.
    func milliseconds(atFraction fraction: Double) -> Double? {
        guard count > 0 else { return nil }
        let rank = max(1, Int((Double(count) * fraction).rounded(.up)))
        var seen = 0
        for (place, number) in counts.sorted(by: { $0.key < $1.key }) {
            seen += number
            if seen >= rank { return Self.middle(place) }
        }
        return nil
    }

    private static func place(_ nanoseconds: UInt64) -> UInt8 {
        let units = nanoseconds / 64_000
        guard units >= 8 else { return UInt8(units) }
        let exponent = 63 - units.leadingZeroBitCount
        let fraction = Int(units >> UInt64(exponent - 3)) & 7
        return UInt8(min(255, (exponent - 2) * 8 + fraction))
    }

    private static func middle(_ place: UInt8) -> Double {
        guard place >= 8 else { return (Double(place) + 0.5) * 0.064 }
        let exponent = Int(place) / 8 + 2
        let low = UInt64(8 + Int(place) % 8) << UInt64(exponent - 3)
        let width = UInt64(1) << UInt64(exponent - 3)
        return (Double(low) + Double(width) / 2) * 0.064
    }
}
