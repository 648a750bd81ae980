public import NIOCore

/// The way out of one connection: what is written leaves at the next flush.
///
/// One piece of bytes is handed to the system at once. What that does not take – the peer reads slowly, or is gone – goes
/// NIO's way, and so does a second piece: NIO's queue sends it when there is room, tells of back-pressure and of errors. As
/// long as something waits there, everything goes behind it, so that the order stays.
///
///     write(_:), flush()  ──▶  the system             most often, and nothing is left
///                         ──▶  NIO's queue  ──▶ …     the rest; with TLS, all of it
///
/// The descriptor is the connection's as long as its channel is active: NIO closes the one and ends the other in one
/// step, in which it calls nobody, on the loop on which all of this runs (`BaseSocketChannel.close0`).
public final class ConnectionWriter {
    private let context: ChannelHandlerContext
    private let channel: any Channel
    /// `nil` where NIO must see all bytes.
    private let socket: NIOBSDSocket.Handle?
    /// The piece that was written last, until the flush.
    private var held: ByteBuffer?
    /// Whether NIO has pieces that were written before it since the last flush.
    private var isBehindOthers = false
    /// Flushes of which NIO has not sent all.
    private var queued = 0

    /// - Parameter isDirect: whether nothing between here and the socket changes the bytes, as TLS does.
    public init(context: ChannelHandlerContext, isDirect: Bool) {
        self.context = context
        channel = context.channel
        socket = isDirect ? Self.socket(of: context) : nil
    }

    /// Channels that are no sockets have none.
    private static func socket(of context: ChannelHandlerContext) -> NIOBSDSocket.Handle? {
        try? context.pipeline.syncOperations.withUnsafeTransportIfAvailable(of: NIOBSDSocket.Handle.self) { $0 }
    }

    /// Whether nothing waits, neither here nor in NIO's queue.
    public var isSent: Bool { held == nil && queued == 0 }

    /// Takes bytes, which leave at the next flush.
    public func write(_ bytes: ByteBuffer) {
        if let earlier = held.take() {
            context.write(NIOAny(earlier), promise: nil)
            isBehindOthers = true
        }
        held = bytes
    }

    /// Hands the system what it takes at once. NIO hears nothing of it, and so nobody is told of anything.
    ///
    /// - Returns: whether nothing is left for ``flush()``.
    public func sendAtOnce() -> Bool {
        guard var bytes = held.take() else { return queued == 0 }
        if let socket, queued == 0, !isBehindOthers, channel.isActive {
            let taken = send(bytes, on: socket)
            if taken == bytes.readableBytes { return true }
            bytes.moveReaderIndex(forwardBy: taken)
        }
        held = bytes
        return false
    }

    /// Sends what was written.
    public func flush() {
        if sendAtOnce() { return }
        if let rest = held.take() { queue(rest) }
        context.flush()
    }

    /// Gives NIO the last piece of a flush: when that is sent, so are those before it.
    private func queue(_ bytes: ByteBuffer) {
        isBehindOthers = false
        queued += 1
        let promise = context.eventLoop.makePromise(of: Void.self)
        promise.futureResult.assumeIsolated().whenComplete { _ in self.queued -= 1 }
        context.write(NIOAny(bytes), promise: promise)
    }

    /// Sends what was written, and closes the connection when the system has taken it.
    public func close() {
        flush()
        guard queued > 0 else { return channel.close(promise: nil) }
        let promise = context.eventLoop.makePromise(of: Void.self)
        promise.futureResult.assumeIsolated().whenComplete { [channel] _ in channel.close(promise: nil) }
        context.writeAndFlush(NIOAny(ByteBuffer()), promise: promise)
    }
}
