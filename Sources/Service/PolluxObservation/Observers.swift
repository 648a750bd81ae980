/// Takes records of requests that are over, in the order in which they ended on one event loop.
///
/// Called on event loops, some times a second and with several records at once. It must not wait, and what it keeps
/// must have a limit.
public typealias RecordSink = @Sendable ([RequestRecord]) -> Void

/// Who hears of requests.
public struct Observers: Sendable {
    /// Takes finished lines of the access log; called on event loops, must not wait.
    public typealias LineSink = @Sendable ([UInt8]) -> Void

    /// The form of the access log's lines.
    public enum LineFormat: Sendable { case json, text }

    public var accessLog: LineSink?
    public var accessLogFormat: LineFormat
    public var records: [RecordSink]
    /// Which requests are traced; `nil`: none.
    public var sampling: Sampling?

    public init(accessLog: LineSink? = nil, accessLogFormat: LineFormat = .json, records: [RecordSink] = []) {
        self.accessLog = accessLog
        self.accessLogFormat = accessLogFormat
        self.records = records
    }
}
