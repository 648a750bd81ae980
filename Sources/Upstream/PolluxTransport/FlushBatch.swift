public import NIOCore

/// Whoever has written and wants it sent.
public protocol Flushable: AnyObject {
    /// Hands the system what it takes at once. Nobody is called by that, and no connection ends.
    ///
    /// - Returns: whether nothing is left for ``flushNow()``.
    func sendAtOnce() -> Bool
    func flushNow()
}

/// Sends what was written during one turn of an event loop at its end.
///
/// A turn may serve many connections. When each write is sent at once, the process on the other side is woken for
/// every one of them; sent together, it is woken once and finds the rest waiting. Where only one request is under way
/// there is nothing to gather, and what is written leaves at once.
public final class FlushBatch {
    /// Requests under way on the loop, as whoever starts and ends them counts.
    public var running = 0
    private let loop: any EventLoop
    private var waiting: [any Flushable] = []

    public init(loop: any EventLoop) { self.loop = loop }

    /// Sends for `writer` when this turn ends, or now.
    public func add(_ writer: any Flushable) {
        if running <= 1, writer.sendAtOnce() { return }
        var list: [any Flushable] = []
        swap(&list, &waiting)
        list.append(writer)
        let isFirst = list.count == 1
        swap(&list, &waiting)
        if isFirst { loop.assumeIsolated().execute { self.flush() } }
    }

    private func flush() {
        var batch: [any Flushable] = []
        swap(&batch, &waiting)
        for writer in batch { writer.flushNow() }
        if waiting.isEmpty {  // Keeps the memory for the next turn.
            batch.removeAll(keepingCapacity: true)
            swap(&batch, &waiting)
        }
    }
}
