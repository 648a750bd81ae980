/// The last requests of one event loop, one by one.
///
/// Whoever looks at them reads a few hundred lines. When more requests end in a tenth of a second than ``maximumInTick``,
/// of those that went well no more are taken, so that the list tells of a second and not of a moment; what every request
/// took is in its row and in its line of the log.
public struct RecentRecords: Sendable {
    /// Of one loop, between two ticks.
    static let maximumInTick = 100

    public let maximum: Int
    private var ring: [RequestRecord] = []
    /// Where the next record goes when the ring is full: on the oldest.
    private var oldest = 0
    private var roomInTick = Self.maximumInTick

    public init(maximum: Int) { self.maximum = maximum }

    /// Puts the record in the place of the oldest. Questions for health are none of interest.
    public mutating func append(_ record: consuming RequestRecord) {
        guard maximum > 0, record.operation != .health else { return }
        if record.status < 400, record.notes == nil {
            guard roomInTick > 0 else { return }
            roomInTick -= 1
        }
        if ring.count < maximum { return ring.append(record) }
        ring[oldest] = record
        oldest = oldest + 1 < maximum ? oldest + 1 : 0
    }

    /// A tenth of a second is over.
    public mutating func tick() { roomInTick = Self.maximumInTick }

    /// The last ones, the last one first.
    public func last(_ count: Int) -> [RequestRecord] {
        Array((ring[oldest...] + ring[..<oldest]).suffix(count).reversed())
    }
}
