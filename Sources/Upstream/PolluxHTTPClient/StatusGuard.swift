public import AsyncHTTPClient
import NIOCore
import NIOHTTP1

extension HTTPClient.Configuration {
    /// Keeps answers with a status below 100 from the client.
    ///
    /// AsyncHTTPClient (1.37) takes them for provisional ones and goes on waiting; its parser does not, and the end of
    /// such an answer ends the process. So these answers end their connections. HTTP/1.1 alone is spoken: the guard
    /// knows no other.
    public mutating func guardStatuses() {
        httpVersion = .http1Only
        http1_1ConnectionDebugInitializer = { channel in
            channel.eventLoop.submit {
                let pipeline = channel.pipeline.syncOperations
                let decoder = try pipeline.handler(type: ByteToMessageHandler<HTTPResponseDecoder>.self)
                try pipeline.addHandler(StatusGuard(), position: .after(decoder))
            }
        }
    }
}

/// Stands between the parser and the client.
private final class StatusGuard: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias InboundOut = HTTPClientResponsePart

    private struct NoStatus: Error, CustomStringConvertible {
        let description = "its answer has no status of HTTP"
    }

    private var isBroken = false

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isBroken else { return }
        if case .head(let head) = unwrapInboundIn(data), head.status.code < 100 {
            isBroken = true
            context.fireErrorCaught(NoStatus())
            return context.close(promise: nil)
        }
        context.fireChannelRead(data)
    }
}
