import PolluxJSON

/// One line for each request, as JSON, without contents and without secrets (CRED-010).
///
/// Lines are gathered per event loop and handed to the sink now and then, off the way of a request.
struct AccessLog: ~Copyable {
    /// Takes finished lines; called on the event loop, and must not wait.
    typealias Sink = @Sendable ([UInt8]) -> Void

    /// What is known of one request when it is over.
    struct Entry {
        var requestID = ""
        var method = ""
        var path = ""
        var status = 0
        var client = ""
        var model = ""
        var backend = ""
        var isStream = false
        var error: String?
        var milliseconds = 0
        var promptTokens = 0
        var completionTokens = 0
        var retries = 0
    }

    /// Bytes that are gathered before they are handed over.
    private static let batchBytes = 16384
    private let sink: Sink?
    private var writer = JSONWriter(minimumCapacity: 2 * batchBytes)

    init(sink: Sink?) { self.sink = sink }

    mutating func append(_ entry: Entry, at seconds: Int) {
        guard sink != nil else { return }
        writer.beginObject()
        writer.key("time")
        writer.integer(seconds)
        writer.key("request_id")
        writer.string(text: entry.requestID)
        writer.key("method")
        writer.string(text: entry.method)
        writer.key("path")
        writer.string(text: entry.path)
        writer.key("status")
        writer.integer(entry.status)
        writer.key("client")
        writer.string(text: entry.client)
        if !entry.model.isEmpty {
            writer.key("model")
            writer.string(text: entry.model)
            writer.key("backend")
            writer.string(text: entry.backend)
            writer.key("stream")
            writer.boolean(entry.isStream)
            writer.key("prompt_tokens")
            writer.integer(entry.promptTokens)
            writer.key("completion_tokens")
            writer.integer(entry.completionTokens)
        }
        if entry.retries > 0 {
            writer.key("retries")
            writer.integer(entry.retries)
        }
        if let error = entry.error {
            writer.key("error")
            writer.string(text: error)
        }
        writer.key("ms")
        writer.integer(entry.milliseconds)
        writer.endObject()
        writer.output.append(UInt8(ascii: "\n"))
        if writer.output.count >= Self.batchBytes { flush() }
    }

    mutating func flush() {
        guard !writer.output.isEmpty, let sink else { return }
        sink(writer.output.array())
        writer.removeAll()
    }
}
