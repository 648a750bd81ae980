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
    typealias OutboundOut = ByteBuffer

    enum State {
        case idle
        case receiving(ByteBuffer?)
        case answering(Exchange)
        case closed
    }

    let worker: Worker
    private(set) var context: ChannelHandlerContext?
    private(set) var state = State.idle
    /// Since when it has been doing what it does.
    private(set) var since = NIODeadline.now()
    /// Reads the request; `nil` where none has begun.
    private var reader: RequestReader?
    private var keepsAlive = true
    private var isHead = false
    /// An HTTP/1.0 client: a stream ends with the connection.
    private var isOld = false
    /// What the answer's head tells browsers.
    private var crossOrigin: String?
    private var stream = StreamBody()
    /// Hears what the client is answered, where the operator asked for recordings.
    var recording: ExchangeRecording?
    private var waitsForFlush = false
    /// An answer that waits for being sent, in memory of the loop's.
    private var lent: ByteBuffer?
    /// Bytes that were not read as a request yet.
    private var ahead = BytesAhead()
    private var hasRead = false
    /// Bytes of the large body that is being read into.
    private var bytesInPlace: Int?
    /// The next piece of the body stands in its place already.
    private var isInPlace = false
    private var isReading = true
    private var isProceeding = false

    init(worker: Worker) { self.worker = worker }

    // MARK: Reading

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func channelActive(context: ChannelHandlerContext) {
        if !worker.didOpen(self) { refuse(Exchange.overloaded) }
        context.fireChannelActive()
    }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if case .closed = state { return }
        let block = unwrapInboundIn(data)
        guard let count = bytesInPlace else {
            receive(block)
            return worker.pool.memory.giveBack(block)
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

    private func receive(_ new: ByteBuffer) {
        var bytes = new
        let now = NIODeadline.uptimeNanoseconds(worker.now)
        if case .idle = state, isBetweenRequests { since = now }
        if ahead.isEmpty, takesBytes, !isProceeding {
            isProceeding = true
            read(&bytes)
            isProceeding = false
            if case .receiving = state { reader?.framing.keepHead() }
        }
        guard bytes.readableBytes > 0 else { return }
        ahead.append(bytes)
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
    private func proceed() {
        guard !isProceeding, !ahead.isEmpty else { return }
        isProceeding = true
        defer { isProceeding = false }
        while takesBytes, var bytes = ahead.popFirst() {
            read(&bytes)
            if bytes.readableBytes > 0 { ahead.prepend(bytes) }
        }
        setReading(!ahead.isFull)
    }

    /// Reads bytes until they are used up, or a request is complete and not answered yet.
    private func read(_ bytes: inout ByteBuffer) {
        do throws(RequestError) {
            while takesBytes {
                let reader = self.reader ?? worker.readers.take()
                self.reader = reader
                guard let event = try reader.framing.next(&bytes) else { break }
                switch event {
                case .head: receiveHead(reader.framing.head, hasBody: bytes.readableBytes > 0)
                case .body(let piece): receiveBody(piece, of: reader.framing.head)
                case .end: receiveEnd(reader)
                }
            }
            if let reader, reader.framing.isUnused {
                self.reader = nil
                worker.readers.giveBack(reader)
            }
        } catch {
            bytes.clear()
            refuse(error)
        }
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

    private func receiveHead(_ head: RequestHead, hasBody: Bool) {
        since = worker.latest
        keepsAlive = head.keepsAlive && head.method != .connect
        isHead = head.method == .head
        isOld = head.isVersion10
        crossOrigin = CrossOrigin.fields(for: head, worker.gateway.configuration.cors)
        state = .receiving(nil)
        let limit = worker.gateway.configuration.limits.maxBodyBytes
        if case .bytes(let length) = head.body, length > limit { return refuse(Exchange.tooLarge(limit)) }
        if head.expectsContinue, !hasBody {
            write(ByteBuffer(staticString: "HTTP/1.1 100 Continue\r\n\r\n"))
            context?.flush()
        }
    }

    private func receiveBody(_ bytes: ByteBuffer, of head: RequestHead) {
        guard case .receiving(var body) = state else { return }
        let limit = worker.gateway.configuration.limits.maxBodyBytes
        guard (body?.readableBytes ?? 0) + bytes.readableBytes <= limit else { return refuse(Exchange.tooLarge(limit)) }
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

    private func receiveEnd(_ reader: RequestReader) {
        guard case .receiving(let body) = state else { return }
        let isPreflight = CrossOrigin.isPreflight(reader.framing.head, worker.gateway.configuration.cors)
        let forwarded = worker.gateway.configuration.upstream.forwardHeaders
        let request = ClientRequest(reader.framing.head, forwarding: forwarded)
        reader.framing.forgetHead()
        reader.framing.startNext()
        if isPreflight {
            return respond(200, headers: CrossOrigin.permissions, body: ByteBuffer().readableBytesUInt8Span)
        }
        let exchange = Exchange(client: self, worker: worker, request: request, body: body ?? ByteBuffer())
        state = .answering(exchange)
        exchange.start()
    }

    /// Answers before the request was read, and ends the connection when the client has sent it all.
    func refuse(_ error: APIError) {
        keepsAlive = false
        worker.metrics.countError(error.code ?? error.kind.rawValue)
        let body = error.body(isListed: worker.gateway.configuration.errors.googleListWrapper)
        respond(error, headers: [("x-request-id", worker.identifiers.uuid())], body: body)
    }

    /// What is not HTTP gets an answer, and the connection's end; nothing is read behind it.
    private func refuse(_ error: RequestError) {
        if case .idle = state { isHead = false }  // The head was never complete.
        refuse(APIError(status: error.status, kind: .invalidRequest, message: error.message, code: "invalid_http"))
    }

    // MARK: Writing

    private func write(_ bytes: ByteBuffer) { context?.write(wrapOutboundOut(bytes), promise: nil) }

    /// The head of an answer, without its last empty line.
    private func writeHead(_ status: Int, _ headers: [(String, String)], into head: inout ByteOutput) {
        if status == 200 {
            head.append("HTTP/1.1 200 OK\r\n" as StaticString)
        } else {
            head.append("HTTP/1.1 " as StaticString)
            head.append(status)
            head.append(" " as StaticString)
            head.append(ReasonPhrase.text(status))
            head.append("\r\n" as StaticString)
        }
        for (name, value) in headers { head.appendHeader(name, value) }
        endHead(&head)
    }

    /// What every head ends with, but for the body's length.
    private func endHead(_ head: inout ByteOutput) {
        head.append("date: " as StaticString)
        head.append(worker.clock.date)
        head.append("\r\n" as StaticString)
        if let crossOrigin { head.append(crossOrigin) }
        if !keepsAlive || worker.isDraining { head.append("connection: close\r\n" as StaticString) }
    }

    /// Answers with one body.
    func respond(_ status: Int, headers: [(String, String)], body: Span<UInt8>) {
        recording?.answered(status: status, headers: headers)
        recording?.answered(Array(copying: body))
        respond(body) { head in writeHead(status, headers, into: &head) }
    }

    /// Answers with JSON and no headers of its own but these; `timings` and `rates` where the client is told of them.
    func respond(requestID: String, timings: RequestRecord.Timings?, rates: RateHeaders?, json: Span<UInt8>) {
        respond(json) { head in
            head.append("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nx-request-id: " as StaticString)
            head.append(requestID)
            if let timings {
                head.append("\r\nserver-timing: " as StaticString)
                timings.writeServerTiming(into: &head)
            }
            rates?.write(into: &head)
            head.append("\r\n" as StaticString)
            endHead(&head)
        }
    }

    /// Writes the head, with the body's length at its end, and the body behind it.
    private func respond(_ body: Span<UInt8>, writeHead: (inout ByteOutput) -> Void) {
        let bytes = worker.withHead { head in
            writeHead(&head)
            head.append("content-length: " as StaticString)
            head.append(body.count)
            head.append("\r\n\r\n" as StaticString)
            var bytes = worker.spareBuffers.take(head.count + body.count)
            bytes.write(copying: head.span)
            if !isHead { bytes.write(copying: body) }
            return bytes
        }
        write(bytes)
        lent = bytes
        finish()
    }

    /// Answers with an error's headers.
    ///
    /// - Parameter body: the error's, in the form that the configuration wants.
    func respond(_ error: APIError, headers: [(String, String)], body: [UInt8]) {
        respond(
            error.status, headers: headers + [("content-type", "application/json")] + error.headers, body: body.span)
    }

    /// Begins a stream.
    func beginStream(headers: [(String, String)]) {
        recording?.answered(status: 200, headers: headers)
        stream.isChunked = !isOld
        if isOld { keepsAlive = false }
        write(
            worker.withHead { head in
                writeHead(200, headers, into: &head)
                if stream.isChunked { head.append("transfer-encoding: chunked\r\n" as StaticString) }
                head.append("\r\n" as StaticString)
                return ByteBuffer(copying: head.span)
            })
    }

    /// Writes bytes of a stream. What is written until the next flush is sent as one chunk.
    func writeStream(_ bytes: Span<UInt8>) {
        recording?.answered(Array(copying: bytes))
        stream.append(bytes)
    }

    /// Sends what was written, at the end of the loop's turn.
    func flush() {
        guard !waitsForFlush else { return }
        waitsForFlush = true
        worker.flushes.add(self)
    }

    func flushNow() {
        waitsForFlush = false
        if let chunk = stream.take(isLast: false) { write(chunk) }
        context?.flush()
        if let sent = lent {
            lent = nil
            worker.spareBuffers.giveBack(sent)
        }
    }

    /// Ends a stream.
    func finishStream() {
        if let chunk = stream.take(isLast: true) { write(chunk) }
        finish()
    }

    /// The answer is written: the connection goes on with the next request, or closes.
    private func finish() {
        finishRecording()
        guard let context else { return }
        since = worker.latest
        guard keepsAlive, !worker.isDraining else {
            state = .closed
            let promise = context.eventLoop.makePromise(of: Void.self)
            promise.futureResult.assumeIsolated().whenComplete { _ in self.close() }
            return context.writeAndFlush(wrapOutboundOut(ByteBuffer()), promise: promise)
        }
        state = .idle
        flush()
        proceed()
    }

    private func finishRecording() {
        recording?.finish()
        recording = nil
    }

    /// Whether the client takes what is written (STREAM-010).
    var isWritable: Bool { context?.channel.isWritable ?? false }

    // MARK: Ends

    func channelInactive(context: ChannelHandlerContext) {
        if case .answering(let exchange) = state { exchange.clientDidLeave() }
        finishRecording()
        state = .closed
        worker.didClose(self)
        context.fireChannelInactive()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if case .answering(let exchange) = state { exchange.clientIsWritable(context.channel.isWritable) }
        if case .idle = state { proceed() }
        context.fireChannelWritabilityChanged()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { close() }
}
