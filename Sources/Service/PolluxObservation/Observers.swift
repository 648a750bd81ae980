/// Takes the records of one event loop, in the order in which its requests ended.
///
/// It must not wait, and what it keeps must have a limit.
public protocol RecordSink: AnyObject {
    /// A request is over. What is to be kept of its record is best written down at once: to copy it costs more.
    func append(_ record: RequestRecord)
    /// Some times a second: what was gathered is handed on, so that a lock is not taken for each request.
    func flush()
}

/// Who hears of requests.
public struct Observers: Sendable {
    /// Takes finished lines of the access log; called on event loops, must not wait.
    public typealias LineSink = @Sendable ([UInt8]) -> Void

    /// The form of the access log's lines.
    public enum LineFormat: Sendable { case json, text }

    public var accessLog: LineSink?
    public var accessLogFormat: LineFormat
    /// Each makes a sink for every event loop.
    public var records: [@Sendable () -> any RecordSink] = []
    /// So many of its last requests are remembered by each event loop.
    public var recentRequests = 0
    /// Which requests are traced; `nil`: none.
    public var sampling: Sampling?

    public init(accessLog: LineSink? = nil, accessLogFormat: LineFormat = .json) {
        self.accessLog = accessLog
        self.accessLogFormat = accessLogFormat
    }
}
