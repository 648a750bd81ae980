/// Durations, counted so that percentiles can be told to within 7 %.
///
/// A duration's place is its highest bit and the three bits behind it, in units of 64 microseconds.
struct DurationSketch: Sendable {
    /// By place, as far as there were any.
    private var counts: [UInt32] = []
    private(set) var count = 0

    mutating func add(nanoseconds: UInt64) {
        let place = Int(Self.place(nanoseconds))
        if place >= counts.count { counts += repeatElement(0, count: place + 1 - counts.count) }
        counts[place] += 1
        count += 1
    }

    mutating func add(_ other: DurationSketch) {
        if other.counts.count > counts.count { counts += repeatElement(0, count: other.counts.count - counts.count) }
        for (place, number) in other.counts.enumerated() { counts[place] += number }
        count += other.count
    }

    /// Milliseconds below which this part of the durations lies; `nil` when there are none.
    func milliseconds(atFraction fraction: Double) -> Double? {
        guard count > 0 else { return nil }
        let rank = max(1, Int((Double(count) * fraction).rounded(.up)))
        var seen = 0
        for (place, number) in counts.enumerated() {
            seen += Int(number)
            if seen >= rank { return Self.middle(UInt8(place)) }
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
