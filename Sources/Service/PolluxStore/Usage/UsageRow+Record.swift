import PolluxLimits
public import PolluxObservation

extension UsageRow {
    /// What is remembered of a request; `nil` for those that no client's usage is made of.
    public init?(_ record: RequestRecord) {
        guard record.operation == .chat || record.operation == .embeddings, !record.client.isEmpty else { return nil }
        time = record.endedAt / 1_000_000 - Int(record.timings.total / 1_000_000)
        requestID = record.requestID
        client = record.client
        model = record.model
        backend = record.backend
        location = record.location
        counts = record.tokens
        cost = record.cost.map { Money(nanodollars: $0) }
        status = record.status
        error = record.error
        latency = Int(record.timings.total / 1_000_000)
        firstToken = record.timings.firstToken > 0 ? Int(record.timings.timeToFirstToken / 1_000_000) : nil
        finish = record.finishReason.isEmpty ? nil : record.finishReason
        isStream = record.isStream
        isTruncated = record.isTruncated
    }
}
