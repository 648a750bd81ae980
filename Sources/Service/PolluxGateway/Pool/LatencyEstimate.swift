/// How long a place takes to its first byte: a running 95th percentile.
///
/// Times fall into buckets, four for each doubling, so the estimate is at most a fifth too high. When it holds
/// ``maximumSamples`` all counts are halved: old times fade.
/// - Size: ``bucketCount`` small numbers.
public struct LatencyEstimate: Sendable {
    static let bucketCount = 80
    static let maximumSamples = 512
    /// With fewer there is no estimate.
    public static let minimumSamples = 20

    private var buckets = [UInt16](repeating: 0, count: bucketCount)
    private var total = 0
    /// In milliseconds; `nil` until enough is known.
    public private(set) var p95: Int?

    public init() {}

    /// - Parameter milliseconds: from the request's sending to the first byte.
    public mutating func add(milliseconds: Int) {
        buckets[Self.bucket(milliseconds)] += 1
        total += 1
        if total >= Self.maximumSamples {
            total = 0
            for index in buckets.indices {
                buckets[index] /= 2
                total += Int(buckets[index])
            }
        }
        p95 = total < Self.minimumSamples ? nil : percentile(95)
    }

    private func percentile(_ percent: Int) -> Int {
        var left = (total * percent + 99) / 100
        for (index, count) in buckets.enumerated() {
            left -= Int(count)
            if left <= 0 { return Self.upperBound(index) }
        }
        return Self.upperBound(Self.bucketCount - 1)
    }

    /// 0…3 ms have buckets of their own; then the highest bit says the doubling, the next two the quarter.
    private static func bucket(_ milliseconds: Int) -> Int {
        let value = UInt64(clamping: max(0, milliseconds))
        guard value >= 4 else { return Int(value) }
        let exponent = 63 - value.leadingZeroBitCount
        let quarter = Int(value >> UInt64(exponent - 2)) & 3
        return min(4 + (exponent - 2) * 4 + quarter, bucketCount - 1)
    }

    /// The longest time that falls into a bucket.
    private static func upperBound(_ bucket: Int) -> Int {
        guard bucket >= 4 else { return bucket }
        let (exponent, quarter) = ((bucket - 4) / 4 + 2, (bucket - 4) % 4)
        return (4 + quarter + 1) << (exponent - 2) - 1
    }
}
