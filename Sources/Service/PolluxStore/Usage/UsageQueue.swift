public import PolluxObservation
import Synchronization

/// Rows on their way to the store. Event loops put them in, one writer takes them out.
///
/// - Limit: ``maximum`` rows wait, those that event loops and the writer have in hand among them; what comes beyond is
///   counted and dropped.
public final class UsageQueue: Sendable {
    public let maximum: Int
    /// Rows that wait.
    private let waiting = Atomic<Int>(0)
    private let lost = Atomic<Int>(0)
    private let blocks = Mutex<[UsageBlock]>([])

    public init(maximum: Int) { self.maximum = maximum }

    /// For one event loop: takes what is to be remembered of records; never waits for the store.
    public func sink() -> any RecordSink { LoopUsage(self) }

    /// Counts a row as waiting, or as lost when there is no room for it.
    fileprivate func takeRoom() -> Bool {
        if waiting.add(1, ordering: .relaxed).newValue <= maximum { return true }
        didWrite(1)
        lost.add(1, ordering: .relaxed)
        return false
    }

    fileprivate func append(_ block: UsageBlock) { blocks.withLock { $0.append(block) } }

    /// Gives all rows that were handed over, oldest first. They count as waiting until ``didWrite(_:)``.
    func takeAll() -> [UsageBlock] {
        blocks.withLock { blocks in
            var taken: [UsageBlock] = []
            swap(&taken, &blocks)
            return taken
        }
    }

    func didWrite(_ count: Int) { waiting.subtract(count, ordering: .relaxed) }

    public var pending: Int { waiting.load(ordering: .relaxed) }
    public var dropped: Int { lost.load(ordering: .relaxed) }
}

/// The rows of one event loop, until it hands them over.
private final class LoopUsage: RecordSink {
    private let queue: UsageQueue
    private var writer = UsageWriter()

    /// Bytes of rows that are gathered; the loop's tick hands over fewer.
    private static let batch = 48 * 1024

    init(_ queue: UsageQueue) { self.queue = queue }

    func append(_ record: RequestRecord) {
        guard record.countsAsUsage, queue.takeRoom() else { return }
        if writer.append(record) >= Self.batch { flush() }
    }

    func flush() {
        if let block = writer.take() { queue.append(block) }
    }
}
