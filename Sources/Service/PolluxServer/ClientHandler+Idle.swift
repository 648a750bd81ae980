import NIOCore
import PolluxTransport

/// Connections that wait or go: for how long they may, and whether they can.
extension ClientHandler {
    func check(_ now: NIODeadline) {
        switch state {
        case .idle where isBetweenRequests && now - since > worker.limits.idleConnection,
            .idle where !isBetweenRequests && now - since > worker.limits.receiveRequest,
            .receiving where now - since > worker.limits.receiveRequest:
            close()
        default: break
        }
    }

    /// The process is going down: a request whose end has not come is not started.
    func drain() {
        if case .receiving = state { refuse(Exchange.shuttingDown) }
    }

    /// Whether nothing is answered here, nor waits to be sent.
    var isQuiet: Bool {
        guard case .idle = state else { return false }
        return writer?.isSent ?? true
    }

    func closeIfIdle() {
        if case .idle = state { close() }
    }

    func close() { context?.close(promise: nil) }
}
