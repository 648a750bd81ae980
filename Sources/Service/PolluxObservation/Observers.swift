/// Takes records of requests that are over, in the order in which they ended on one event loop.
///
/// Called on event loops, some times a second and with several records at once. It must not wait, and what it keeps
/// must have a limit.
public typealias RecordSink = @Sendable ([RequestRecord]) -> Void

/// Who hears of requests.
public struct Observers: Sendable {
    /// Takes finished lines of the access log; called on event loops, must not wait.
    public var accessLog: (@Sendable ([UInt8]) -> Void)?
    public var records: [RecordSink]

    public init(accessLog: (@Sendable ([UInt8]) -> Void)? = nil, records: [RecordSink] = []) {
        self.accessLog = accessLog
        self.records = records
    }
}
