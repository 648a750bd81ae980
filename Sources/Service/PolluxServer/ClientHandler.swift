import NIOCore
import PolluxCassette
import PolluxConfiguration
import PolluxGateway
import PolluxHTTP
import PolluxJSON
import PolluxObservation
import PolluxOpenAIWire
import PolluxTranslation
import PolluxTransport

/// One client connection: collects a request, starts its exchange, writes what the exchange answers.
///
/// One request is served at a time: what a client sends ahead waits, within limits.
final class ClientHandler: ChannelInboundHandler, Flushable {
    typealias InboundIn = ByteBuffer

    enum State {
        case idle
        case receiving(ByteBuffer?)
        case answering(Exchange)
        case closed
    }

    let worker: Worker
    private(set) var context: ChannelHandlerContext?
    private(set) var writer: ConnectionWriter?
    var state = State.idle
    /// Since when it has been doing what it does.
    var since = NIODeadline.now()
    /// Those of the request before.
    private var lastHeaders: [(name: String, value: String)] = []
    /// Where its reader waits for it.
    private let readerPlace: Int
    /// Reads the request; `nil` where none has begun.
    private var reader: RequestReader?
    var keepsAlive = true
    var isHead = false
    /// An HTTP/1.0 client: a stream ends with the connection.
    var isOld = false
    /// What the answer's head tells browsers.
    var crossOrigin: String?
    /// The body of a streamed answer, while there is one.
    var stream: StreamBody?
    /// Hears what the client is answered, where the operator asked for recordings.
    var recording: ExchangeRecording?
    var waitsForFlush = false
    /// An answer that waits for being sent, in memory of the loop's.
    var lent: ByteBuffer?
    /// Bytes that were not read as a request yet; `nil` where there are none.
    private var ahead: BytesAhead?
    private var hasRead = false
    /// Bytes of the large body that is being read into.
    private var bytesInPlace: Int?
    /// The next piece of the body stands in its place already.
    private var isInPlace = false
    private var isReading = true
    private var isProceeding = false
    /// Whether the client takes what is written (STREAM-010).
    private(set) var isWritable = true

    init(worker: Worker) {
        self.worker = worker
        readerPlace = worker.readers.nextPlace()
    }

    // MARK: Reading

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        writer = ConnectionWriter(context: context, isDirect: true)
    }

    func channelActive(context: ChannelHandlerContext) {
        if !worker.didOpen(self) { refuse(Exchange.overloaded) }
        context.fireChannelActive()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        writer = nil
        isWritable = false
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if case .closed = state { return }
        let block = unwrapInboundIn(data)
        guard let count = bytesInPlace else {
            receive(block)
            worker.pool.memory.giveBack(block)
            if isReading { context.channel.readOn() }
            return
        }
        bytesInPlace = nil
        var (body, new) = (block, block)
        body.moveWriterIndex(to: body.readerIndex + count)
        new.moveReaderIndex(forwardBy: count)
        state = .receiving(body)
        isInPlace = true
        receive(new)
        isInPlace = false
    }

    /// Nobody is behind this handler.
    func channelReadComplete(context: ChannelHandlerContext) {}

    private func receive(_ new: ByteBuffer) {
        var bytes = new
        let now = NIODeadline.uptimeNanoseconds(worker.now)
        if case .idle = state, isBetweenRequests { since = now }
        if ahead == nil, takesBytes, !isProceeding {
            isProceeding = true
            read(&bytes)
            isProceeding = false
            if case .receiving = state { reader?.framing.keepHead() }
        }
        guard bytes.readableBytes > 0 else { return }
        var waiting = ahead.take() ?? BytesAhead()
        waiting.append(bytes)
        ahead = waiting
        proceed()
    }

    /// Where the next bytes go: behind what has come of a large body, which is not copied then; else the loop's block.
    func bufferToRead() -> ByteBuffer {
        guard hasRead else {
            hasRead = true
            return ByteBufferAllocator().buffer(capacity: ReadAllocator.firstBytes)  // NIO keeps it.
        }
        if bytesInPlace != nil {  // Nothing came, where something was to come: the body is gone with its buffer.
            state = .closed
            worker.loop.assumeIsolated().execute { self.close() }
        }
        guard case .receiving(let body?) = state, case .bytes(let length)? = reader?.framing.head.body,
            min(length - body.readableBytes, body.writableBytes) >= ReadMemory.blockBytes
        else { return worker.pool.memory.take() }
        state = .receiving(nil)  // Gives the buffer up, so that it can be written in place.
        bytesInPlace = body.readableBytes
        return body
    }

    /// Whether no request has been begun and not ended.
    var isBetweenRequests: Bool { reader?.framing.isBetweenRequests ?? true }

    /// Whether bytes are read as a request: not while one is answered, nor while answers wait that nobody reads.
    private var takesBytes: Bool {
        switch state {
        case .idle: isWritable
        case .receiving: true
        case .answering, .closed: false
        }
    }

    /// Reads what has come, until a request is complete.
    func proceed() {
        guard !isProceeding, ahead != nil else { return }
        isProceeding = true
        defer { isProceeding = false }
        while takesBytes, var waiting = ahead.take() {
            var bytes = waiting.popFirst()
            if !waiting.isEmpty { ahead = waiting }
            read(&bytes)
            if bytes.readableBytes > 0 {
                var waiting = ahead.take() ?? BytesAhead()
                waiting.prepend(bytes)
                ahead = waiting
            }
        }
        setReading(ahead?.isFull != true)
    }

    /// Reads bytes until they are used up, or a request is complete and not answered yet.
    private func read(_ bytes: inout ByteBuffer) {
        do throws(RequestError) {
            while takesBytes, bytes.readableBytes > 0 {
                let reader = self.reader ?? worker.readers.take(readerPlace)
                self.reader = reader
                guard let received = try read(&bytes, cutBy: &reader.framing, knowing: &reader.request) else { break }
                self.reader = nil
                worker.readers.giveBack(reader, readerPlace)
                answer(received)
            }
        } catch {
            bytes.clear()
            refuse(error)
        }
    }

    /// A request whose end has come.
    private struct Received {
        var head: ClientRequest
        var isPreflight: Bool
    }

    /// Reads up to the end of a request, which the framing is rid of then; `nil` when it has not come.
    ///
    /// - Parameter known: what the head before said; what this one says, afterwards.
    private func read(
        _ bytes: inout ByteBuffer, cutBy framing: inout RequestFraming, knowing known: inout ClientRequest?
    ) throws(RequestError) -> Received? {
        while takesBytes, let event = try framing.next(&bytes) {
            switch event {
            case .head: receiveHead(framing.head, hasBody: bytes.readableBytes > 0)
            case .body(let piece): receiveBody(piece, of: framing.head)
            case .end:
                if !framing.isRepeated || !isKnownByHead { known = nil }
                let received = Received(
                    head: known ?? request(with: framing.head),
                    isPreflight: CrossOrigin.isPreflight(framing.head, worker.gateway.configuration.cors))
                lastHeaders = received.head.headers
                known = isKnownByHead ? received.head : nil
                framing.forgetHead()
                framing.startNext()
                return received
            }
        }
        return nil
    }

    private func setReading(_ isReading: Bool) {
        guard isReading != self.isReading, let channel = context?.channel, let options = channel.syncOptions else {
            return
        }
        self.isReading = isReading
        // A channel that is closed already has nothing to read: its error is of no interest.
        try? options.setOption(.autoRead, value: isReading)
        if isReading { channel.read() }
    }

    private func receiveHead(_ head: borrowing RequestHead, hasBody: Bool) {
        since = worker.latest
        keepsAlive = head.keepsAlive && head.method != .connect
        isHead = head.method == .head
        isOld = head.isVersion10
        crossOrigin = CrossOrigin.fields(for: head, worker.gateway.configuration.cors)
        state = .receiving(nil)
        let limit = worker.gateway.configuration.limits.maxBodyBytes
        if case .bytes(let length) = head.body, length > limit { return refuseBody(of: head, limit) }
        if head.expectsContinue, !hasBody {
            write(ByteBuffer(staticString: "HTTP/1.1 100 Continue\r\n\r\n"))
            writer?.flush()
        }
    }

    private func receiveBody(_ bytes: ByteBuffer, of head: borrowing RequestHead) {
        guard case .receiving(var body) = state else { return }
        let limit = worker.gateway.configuration.limits.maxBodyBytes
        guard (body?.readableBytes ?? 0) + bytes.readableBytes <= limit else { return refuseBody(of: head, limit) }
        state = .idle  // Gives the buffer up, so that it can grow in place.
        if body == nil {
            if case .bytes(let length) = head.body, length > bytes.readableBytes {
                var whole = worker.bodies.take(length)
                whole.writeImmutableBuffer(bytes)
                body = whole
            } else {
                body = worker.spareBuffers.copy(of: bytes.readableBytesUInt8Span)
            }
        } else if isInPlace {
            isInPlace = false
            body?.moveWriterIndex(forwardBy: bytes.readableBytes)
        } else {
            body?.writeImmutableBuffer(bytes)
        }
        state = .receiving(body)
    }

    private func answer(_ request: Received) {
        guard case .receiving(let body) = state else { return }
        let exchange = Exchange(client: self, worker: worker, request: request.head, body: body ?? ByteBuffer())
        state = .answering(exchange)
        if request.isPreflight { exchange.permit() } else { exchange.start() }
    }

    /// Whether equal heads make equal requests: the length of a body may differ, and be forwarded.
    private var isKnownByHead: Bool { worker.gateway.configuration.upstream.forwardHeaders.isEmpty }

    func request(with head: borrowing RequestHead) -> ClientRequest {
        ClientRequest(
            head, forwarding: worker.gateway.configuration.upstream.forwardHeaders, previous: lastHeaders)
    }

    // MARK: Ends

    func channelInactive(context: ChannelHandlerContext) {
        switch state {
        case .answering(let exchange): exchange.clientDidLeave()
        case .receiving(let body): if let reader { leave(body, of: reader.framing.head) }
        case .idle, .closed: break
        }
        finishRecording()
        state = .closed
        worker.didClose(self)
        context.fireChannelInactive()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        isWritable = context.channel.isWritable
        if case .answering(let exchange) = state { exchange.clientIsWritable(isWritable) }
        if case .idle = state { proceed() }
        context.fireChannelWritabilityChanged()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { close() }
}
