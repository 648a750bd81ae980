import PolluxJSON
import PolluxObservation

/// Writes the rows of one event loop, as ``UsageBlock`` holds them.
///
/// Rows that follow each other are most often of one kind: it is looked up only when it is another than before.
struct UsageWriter: ~Copyable {
    private var rows = JSONWriter()
    private var kindTexts = JSONWriter()
    private var count = 0
    private var first = 0
    private var last = Int.min
    private var kinds: [(kind: UsageKind, totals: UsageTotals)] = []
    private var places: [UsageKind: Int] = [:]
    /// That of the row before.
    private var place = 0
    private var names = UsageNames()

    /// - Returns: bytes that were written since they were taken.
    mutating func append(_ record: RequestRecord) -> Int {
        let latency = record.timings.total.milliseconds
        let begin = record.endedAt / 1_000_000 - latency
        if count == 0 { first = begin }
        count += 1
        last = max(last, begin)
        let day = begin / 86_400_000
        if place >= kinds.count || !kinds[place].kind.includes(record, day: day) {
            place = place(of: UsageKind(record, day: day))
        }
        kinds[place].totals.add(record)
        write(record, begin: begin, latency: latency)
        return rows.output.count + kindTexts.output.count
    }

    private mutating func place(of kind: UsageKind) -> Int {
        if let known = places[kind] { return known }
        places[kind] = kinds.count
        kinds.append((kind, UsageTotals()))
        kindTexts.output.append(kinds.count == 1 ? "[" : "," as StaticString)
        kind.write(into: &kindTexts)
        return kinds.count - 1
    }

    /// In the order in which the view reads them: what is seldom there comes last, and is left out together.
    private mutating func write(_ record: RequestRecord, begin: Int, latency: Int) {
        if count == 1 { rows.output.append("[[" as StaticString) } else { rows.output.append(",[" as StaticString) }
        rows.output.append(place)
        number(begin - first)
        rows.output.append(",\"" as StaticString)
        rows.output.append(record.requestID.utf8Span.span)
        rows.output.append(UInt8(ascii: "\""))
        number(record.tokens.prompt)
        number(record.tokens.completion)
        if let cost = record.cost { number(cost) } else { null() }
        number(latency)
        let tokens = record.tokens
        let isStreamed = record.timings.firstToken > 0
        if isStreamed || tokens.cached | tokens.thinking | tokens.promptAudio | tokens.completionAudio != 0 {
            if isStreamed { number(record.timings.timeToFirstToken.milliseconds) } else { null() }
            number(tokens.cached)
            number(tokens.thinking)
            number(tokens.promptAudio)
            number(tokens.completionAudio)
        }
        rows.endArray()
    }

    private mutating func null() { rows.output.append(",null" as StaticString) }

    private mutating func number(_ number: Int) {
        rows.output.append(UInt8(ascii: ","))
        rows.output.append(number)
    }

    /// Gives what was written, and begins anew.
    mutating func take() -> UsageBlock? {
        guard count > 0 else { return nil }
        rows.endArray()
        kindTexts.endArray()
        var sums: [UsageDay: UsageTotals] = [:]
        for (kind, totals) in kinds {
            let day = kind.day(named: names.name(of: kind.model, status: kind.status))
            sums[day] = sums[day]?.adding(totals) ?? totals
        }
        let block = UsageBlock(
            count: count, first: first, last: last, sums: sums, kinds: String(copying: kindTexts.output.span),
            requests: String(copying: rows.output.span))
        rows.removeAll()
        kindTexts.removeAll()
        kinds.removeAll(keepingCapacity: true)
        places.removeAll(keepingCapacity: true)
        (count, last) = (0, .min)
        return block
    }
}

/// What many rows have in common.
private struct UsageKind: Hashable {
    let day: Int
    let client: String
    let model: String
    let backend: String
    let location: String
    let status: Int
    let error: String?
    let finishReason: String
    let isStream: Bool
    let isTruncated: Bool

    init(_ record: RequestRecord, day: Int) {
        self.day = day
        client = record.client
        model = record.model
        backend = record.backend
        location = record.location
        status = record.status
        error = record.error
        finishReason = record.finishReason
        isStream = record.isStream
        isTruncated = record.isTruncated
    }

    func includes(_ record: RequestRecord, day: Int) -> Bool {
        day == self.day && record.status == status && record.isStream == isStream && record.isTruncated == isTruncated
            && record.client == client && record.model == model && record.backend == backend
            && record.location == location && record.finishReason == finishReason && record.error == error
    }

    /// As an array. Its day stands in the rows.
    func write(into writer: inout JSONWriter) {
        writer.beginArray()
        for name in [client, model, backend, location] { writer.string(text: name) }
        writer.integer(status)
        if let error { writer.string(text: error) } else { writer.null() }
        if finishReason.isEmpty { writer.null() } else { writer.string(text: finishReason) }
        writer.integer(isStream ? 1 : 0)
        writer.integer(isTruncated ? 1 : 0)
        writer.endArray()
    }

    /// With what it is summed up, under this name of its model.
    func day(named model: String) -> UsageDay {
        UsageDay(day: day, client: client, model: model, backend: backend, location: location)
    }
}

extension RequestRecord {
    /// Whether a client's usage is made of it.
    var countsAsUsage: Bool { (operation == .chat || operation == .embeddings) && !client.isEmpty }
}

extension UInt64 {
    /// Of nanoseconds.
    fileprivate var milliseconds: Int { Int(self / 1_000_000) }
}
