import NIOCore
import NIOSSL
import NIOTLS

/// Waits for the end of a connection's TLS handshake, says how it ended, and leaves the pipeline.
///
/// Nothing of a request is sent before, so whatever fails here may be tried again.
final class UpstreamHandshake: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer

    private let address: UpstreamAddress
    private let deadline: NIODeadline
    private var onEnd: ((UpstreamFailure?) -> Void)?
    private var timer: Scheduled<Void>?

    /// - Parameter onEnd: is called once, with the failure if it is one.
    init(address: UpstreamAddress, deadline: NIODeadline, onEnd: @escaping (UpstreamFailure?) -> Void) {
        self.address = address
        self.deadline = deadline
        self.onEnd = onEnd
    }

    func handlerAdded(context: ChannelHandlerContext) {
        let bound = context.loopBound
        timer = context.eventLoop.assumeIsolated().scheduleTask(deadline: deadline) {
            self.end(.unreachable("the TLS handshake timed out"))
            bound.value.close(promise: nil)
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        context.fireUserInboundEventTriggered(event)
        guard case .handshakeCompleted? = event as? TLSUserEvent else { return }
        context.pipeline.syncOperations.removeHandler(context: context, promise: nil)
        end(nil)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // The certificate is there while the handler is: it is looked at to say what is wrong with it.
        let handler = try? context.pipeline.syncOperations.handler(type: NIOSSLClientHandler.self)
        end(.unreachable(ConnectionFault.reason(error, certificate: handler?.peerCertificate)))
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        end(.unreachable("the connection was closed during the TLS handshake"))
        context.fireChannelInactive()
    }

    private func end(_ failure: UpstreamFailure?) {
        timer?.cancel()
        let onEnd = onEnd
        self.onEnd = nil
        onEnd?(failure)
    }
}
