/// The last requests of one event loop, one by one.
public struct RecentRecords: Sendable {
    public let maximum: Int
    private var ring: [RequestRecord] = []
    /// Where the next record goes when the ring is full: on the oldest.
    private var oldest = 0

    public init(maximum: Int) { self.maximum = maximum }

    /// Takes the record as it is: to copy it costs more than all the rest. Questions for health are none of interest.
    public mutating func append(_ record: consuming RequestRecord) {
        guard maximum > 0, record.operation != .health else { return }
        if ring.count < maximum { return ring.append(record) }
        ring[oldest] = record
        oldest = oldest + 1 < maximum ? oldest + 1 : 0
    }

    /// The last ones, the last one first.
    public func last(_ count: Int) -> [RequestRecord] {
        Array((ring[oldest...] + ring[..<oldest]).suffix(count).reversed())
    }
}
