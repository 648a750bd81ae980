import PolluxJSON
import PolluxObservation

/// One line for each request, without contents and without secrets (CRED-010).
///
/// Lines are gathered per event loop and handed to the sink now and then, off the way of a request.
struct AccessLog: ~Copyable {
    /// Bytes that are gathered before they are handed over: the thread that writes them is woken for each batch.
    private static let batchBytes = 64 * 1024
    private let sink: Observers.LineSink?
    private let format: Observers.LineFormat
    private var lines = RecordLines()
    private var writer = JSONWriter(minimumCapacity: batchBytes + 4096)

    init(sink: Observers.LineSink?, format: Observers.LineFormat) {
        self.sink = sink
        self.format = format
    }

    mutating func append(_ record: RequestRecord) {
        guard sink != nil else { return }
        switch format {
        case .json: lines.write(record, into: &writer)
        case .text: writer.output.append(Array("\(record.line)\n".utf8))
        }
        if writer.output.count >= Self.batchBytes { flush() }
    }

    mutating func flush() {
        guard !writer.output.isEmpty, let sink else { return }
        sink(writer.output.array())
        writer.removeAll()
    }
}
