import NIOCore
import NIOPosix
import Testing

@testable import PolluxTransport

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Two connected sockets of the system's. Small ones: they take some hundred kilobytes that nobody reads.
struct SocketPair {
    let near: CInt
    let far: CInt

    init() throws {
        var sockets: [CInt] = [0, 0]
        #if canImport(Darwin)
            let kind = SOCK_STREAM
        #else
            let kind = CInt(SOCK_STREAM.rawValue)
        #endif
        try #require(unsafe socketpair(AF_UNIX, kind, 0, &sockets) == 0)
        (near, far) = (sockets[0], sockets[1])
    }

    /// Up to so many bytes from the far end; fewer where that is all there is, or the near end has closed.
    func read(_ count: Int, waits: Bool = true) -> [UInt8] {
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 65536)
        let flags = waits ? 0 : CInt(MSG_DONTWAIT)
        while bytes.count < count {
            let taken = unsafe recv(far, &piece, min(piece.count, count - bytes.count), flags)
            guard taken > 0 else { break }
            bytes += piece[..<taken]
        }
        return bytes
    }

    func closeFar() { _ = close(far) }

    func closeNear() { _ = close(near) }
}

/// A connection of NIO's around the near end.
struct WrittenConnection {
    let channel: any Channel
    private let writer: NIOLoopBound<ConnectionWriter>

    private final class Holder: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        let isDirect: Bool
        var writer: ConnectionWriter?

        init(isDirect: Bool) { self.isDirect = isDirect }

        func handlerAdded(context: ChannelHandlerContext) {
            writer = ConnectionWriter(context: context, isDirect: isDirect)
        }
    }

    init(_ pair: SocketPair, isDirect: Bool = true) async throws {
        channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Holder(isDirect: isDirect))
                }
            }
            .withConnectedSocket(pair.near).get()
        let channel = channel
        writer = try await channel.eventLoop.submit {
            let holder = try channel.pipeline.syncOperations.handler(type: Holder.self)
            return NIOLoopBound(try #require(holder.writer), eventLoop: channel.eventLoop)
        }.get()
    }

    /// Does something on the loop.
    func use<Result: Sendable>(_ body: @escaping @Sendable (ConnectionWriter) -> Result) async throws -> Result {
        let writer = writer
        return try await channel.eventLoop.submit { body(writer.value) }.get()
    }
}
