import PolluxJSON
import PolluxObservation

/// Writes the rows of one event loop, as ``UsageBlock`` holds them.
///
/// Rows that follow each other are most often of the same day, client and model, and end alike: the text of their names
/// and of their end is made once, and they are added up before their sum is looked up.
struct UsageWriter: ~Copyable {
    private var writer = JSONWriter()
    private var count = 0
    private var last = Int.min
    private var sums: [UsageDay: UsageTotals] = [:]
    private var run = Run()
    private var ending = Ending()

    /// - Returns: bytes that were written since they were taken.
    mutating func append(_ record: RequestRecord) -> Int {
        let latency = record.timings.total.milliseconds
        let begin = record.endedAt / 1_000_000 - latency
        if !run.includes(record, day: begin / 86_400_000) {
            endRun()
            run = Run(record, day: begin / 86_400_000)
        }
        run.totals.add(record)
        count += 1
        last = max(last, begin)
        write(record, begin: begin, latency: latency)
        return writer.output.count
    }

    /// In the order of the view's columns.
    private mutating func write(_ record: RequestRecord, begin: Int, latency: Int) {
        writer.output.append(count == 1 ? "[[" : ",[" as StaticString)
        writer.output.append(begin)
        writer.string(text: record.requestID)
        writer.output.append(run.names)
        number(record.tokens.prompt)
        number(record.tokens.cached)
        number(record.tokens.promptAudio)
        number(record.tokens.completion)
        number(record.tokens.thinking)
        number(record.tokens.completionAudio)
        if let cost = record.cost { number(cost) } else { writer.null() }
        number(record.status)
        if let error = record.error { writer.string(text: error) } else { writer.null() }
        number(latency)
        if record.timings.firstToken > 0 {
            number(record.timings.timeToFirstToken.milliseconds)
        } else {
            writer.null()
        }
        if !ending.fits(record) { ending = Ending(record) }
        writer.output.append(ending.text)
    }

    private mutating func number(_ number: Int) {
        writer.output.append(UInt8(ascii: ","))
        writer.output.append(number)
    }

    /// Gives what was written, and begins anew.
    mutating func take() -> UsageBlock? {
        guard count > 0 else { return nil }
        endRun()
        let block = UsageBlock(count: count, last: last, sums: sums, requests: writer.output.array())
        writer.removeAll()
        (count, last, sums) = (0, .min, [:])
        return block
    }

    private mutating func endRun() {
        guard run.totals.requests > 0 else { return }
        sums[run.key] = sums[run.key]?.adding(run.totals) ?? run.totals
        run.totals = UsageTotals()
    }
}

/// Rows of the same day, client, model and place.
private struct Run {
    private var day = Int.min
    private var client = ""
    private var model = ""
    private var backend = ""
    private var location = ""
    private var isModelKnown = false
    /// As they stand in a row, each behind a comma.
    private(set) var names: [UInt8] = []
    var totals = UsageTotals()

    init() {}

    init(_ record: RequestRecord, day: Int) {
        self.day = day
        client = record.client
        model = record.model
        backend = record.backend
        location = record.location
        isModelKnown = record.isModelKnown
        var writer = JSONWriter()
        for name in [client, model, backend, location] {
            writer.output.append(UInt8(ascii: ","))
            writer.string(text: name)
        }
        names = writer.output.array()
    }

    func includes(_ record: RequestRecord, day: Int) -> Bool {
        day == self.day && record.client == client && record.model == model && record.backend == backend
            && record.location == location && record.isModelKnown == isModelKnown
    }

    var key: UsageDay {
        UsageDay(
            day: day, client: client, model: isModelKnown ? model : "", backend: backend, location: location)
    }
}

/// How rows end that ended alike.
private struct Ending {
    private var finishReason = ""
    private var isStream = false
    private var isTruncated = false
    /// With the array's end.
    private(set) var text: [UInt8] = []

    init() {}

    init(_ record: RequestRecord) {
        finishReason = record.finishReason
        isStream = record.isStream
        isTruncated = record.isTruncated
        var writer = JSONWriter()
        writer.output.append(UInt8(ascii: ","))
        if finishReason.isEmpty { writer.null() } else { writer.string(text: finishReason) }
        writer.integer(isStream ? 1 : 0)
        writer.integer(isTruncated ? 1 : 0)
        writer.endArray()
        text = writer.output.array()
    }

    func fits(_ record: RequestRecord) -> Bool {
        !text.isEmpty && record.finishReason == finishReason && record.isStream == isStream
            && record.isTruncated == isTruncated
    }
}

extension RequestRecord {
    /// Whether a client's usage is made of it.
    var countsAsUsage: Bool { (operation == .chat || operation == .embeddings) && !client.isEmpty }

    fileprivate var isModelKnown: Bool { status != 404 }
}

extension UInt64 {
    /// Of nanoseconds.
    fileprivate var milliseconds: Int { Int(self / 1_000_000) }
}
