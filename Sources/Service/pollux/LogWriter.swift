import Dispatch
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Writes log lines to standard output from a queue of its own, so that a reader who is slow stops no request.
///
/// - Limit: `maximumPending` bytes wait; what comes beyond is dropped, and the loss is told in a line.
final class LogWriter: Sendable {
    static let maximumPending = 4 * 1024 * 1024

    private struct State {
        var pending: [UInt8] = []
        /// Batches whose loss is not told yet.
        var dropped = 0
        /// Lines lost since the start.
        var droppedLines = 0
        var isWriting = false
    }

    private let state = Mutex(State())
    private let queue = DispatchQueue(label: "pollux.log")

    /// Takes finished lines; never waits.
    @Sendable func write(_ lines: [UInt8]) {
        let begins = state.withLock { state in
            guard state.pending.count + lines.count <= Self.maximumPending else {
                state.dropped += 1
                state.droppedLines += lines.count { $0 == UInt8(ascii: "\n") }
                return false
            }
            state.pending += lines
            defer { state.isWriting = true }
            return !state.isWriting
        }
        if begins { queue.async { self.drain() } }
    }

    /// Lines that were dropped since the start.
    var droppedLines: Int { state.withLock { $0.droppedLines } }

    /// How long the end of the process waits for a reader of the log who has stopped.
    private static let farewell = DispatchTimeInterval.seconds(1)

    /// Writes what is left.
    func close() {
        let end = DispatchSemaphore(value: 0)
        queue.async {
            self.drain()
            end.signal()
        }
        _ = end.wait(timeout: .now() + Self.farewell)
    }

    private func drain() {
        while true {
            let next: [UInt8]? = state.withLock { state in
                guard !state.pending.isEmpty else {
                    state.isWriting = false
                    return nil
                }
                var lines = state.pending
                state.pending = []
                if state.dropped > 0 {
                    lines += Array("{\"dropped_log_batches\":\(state.dropped)}\n".utf8)
                    state.dropped = 0
                }
                return lines
            }
            guard let next else { return }
            let written = Self.writeAll(next, to: STDOUT_FILENO)
            if written < next.count {
                let lines = next[written...].count { $0 == UInt8(ascii: "\n") }
                state.withLock { $0.droppedLines += lines }
            }
        }
    }

    /// Writes all bytes, as fast as they are taken; gives up when nobody is there to take them, or the disk is full.
    ///
    /// - Returns: how many were written.
    @discardableResult
    static func writeAll(_ bytes: [UInt8], to descriptor: Int32) -> Int {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count > 0 {
                rest = rest.dropFirst(count)
            } else if errno == EAGAIN {
                // Who shares the pipe or the terminal may have set it not to wait.
                var descriptor = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                _ = unsafe poll(&descriptor, 1, -1)
            } else if errno != EINTR {
                break
            }
        }
        return bytes.count - rest.count
    }
}
