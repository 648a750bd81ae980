internal import PolluxObservation

/// Numbers of some requests.
struct TrafficCell: Sendable {
    var requests = 0
    /// Answers of 400 and more, and those cut off; clients that left are none.
    var errors = 0
    var inputTokens = 0
    var outputTokens = 0
    var durations = DurationSketch()
    var firstTokens = DurationSketch()

    mutating func add(_ record: RequestRecord) {
        requests += 1
        if (record.status >= 400 && record.status != 499) || (record.isTruncated && record.error != nil) { errors += 1 }
        inputTokens += record.tokens.prompt
        outputTokens += record.tokens.completion
        durations.add(nanoseconds: record.timings.total)
        if record.timings.firstToken > 0 { firstTokens.add(nanoseconds: record.timings.timeToFirstToken) }
    }

    mutating func add(_ other: TrafficCell) {
        requests += other.requests
        errors += other.errors
        inputTokens += other.inputTokens
        outputTokens += other.outputTokens
        durations.add(other.durations)
        firstTokens.add(other.firstTokens)
    }

    func adding(_ other: TrafficCell) -> TrafficCell {
        var sum = self
        sum.add(other)
        return sum
    }
}
