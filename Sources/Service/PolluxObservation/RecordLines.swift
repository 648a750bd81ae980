public import PolluxJSON

/// Writes records as lines of JSON, one after another.
///
/// Records that follow each other have most often the same names: the text of these is kept, and made anew when one is
/// another than before.
public struct RecordLines: Sendable {
    private var names = Names()

    public init() {}

    public mutating func write(_ record: RequestRecord, into writer: inout JSONWriter) {
        if !names.areThose(of: record) { names = Names(record) }
        writer.beginObject()
        record.writeBeginning(into: &writer)
        writer.raw(names.text.span)
        record.writeNumbers(into: &writer)
        writer.endObject()
        writer.output.append(UInt8(ascii: "\n"))
    }
}

/// What ``RequestRecord/writeNames(into:)`` has written, and of what.
private struct Names {
    private var method = ""
    private var path = ""
    private var status = 0
    private var client = ""
    private var model = ""
    private var backend = ""
    private var location = ""
    private var isStream = false
    private var finishReason = ""
    private(set) var text: [UInt8] = []

    init() {}

    init(_ record: RequestRecord) {
        method = record.method
        path = record.path
        status = record.status
        client = record.client
        model = record.model
        backend = record.backend
        location = record.location
        isStream = record.isStream
        finishReason = record.finishReason
        var writer = JSONWriter()
        record.writeNames(into: &writer)
        text = writer.output.array()
    }

    func areThose(of record: RequestRecord) -> Bool {
        record.status == status && record.isStream == isStream && record.model == model && record.client == client
            && record.finishReason == finishReason && record.backend == backend && record.location == location
            && record.path == path && record.method == method && !text.isEmpty
    }
}
