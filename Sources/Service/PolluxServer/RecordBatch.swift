import PolluxObservation

/// Records of one event loop on their way to the sinks.
///
/// They are gathered and handed over together, so that a sink's lock is taken a few times a second and not for each
/// request.
struct RecordBatch: ~Copyable {
    /// Records that are gathered before they are handed over; the loop's tick hands over fewer.
    private static let maximumRecords = 64
    private let sinks: [RecordSink]
    private var records: [RequestRecord] = []

    init(sinks: [RecordSink]) { self.sinks = sinks }

    mutating func append(_ record: RequestRecord) {
        guard !sinks.isEmpty else { return }
        records.append(record)
        if records.count >= Self.maximumRecords { flush() }
    }

    /// Sinks share the records, and may keep them: the next ones come into an array of their own.
    mutating func flush() {
        guard !records.isEmpty else { return }
        var batch: [RequestRecord] = []
        batch.reserveCapacity(min(records.count * 2, Self.maximumRecords))
        swap(&batch, &records)
        for sink in sinks { sink(batch) }
    }
}
