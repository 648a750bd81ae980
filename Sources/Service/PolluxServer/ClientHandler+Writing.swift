import NIOCore
import PolluxCassette
import PolluxGateway
import PolluxJSON
import PolluxObservation
import PolluxOpenAIWire
import PolluxTransport

/// Answers: heads, whole bodies and streams, as bytes.
extension ClientHandler {
    func write(_ bytes: ByteBuffer) { writer?.write(bytes) }

    /// Writes what is in memory of the loop's, which is given back when it is sent.
    private func lend(_ bytes: ByteBuffer) {
        write(bytes)
        lent = bytes
    }

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
        if !keepsAlive || worker.isDraining {
            head.append("connection: close\r\n" as StaticString)
        } else if isOld {  // Else such a client waits for the end of the connection.
            head.append("connection: keep-alive\r\n" as StaticString)
        }
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
        lend(bytes)
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
        if isOld { keepsAlive = false }
        let head = worker.withHead { head in
            writeHead(200, headers, into: &head)
            if !isOld { head.append("transfer-encoding: chunked\r\n" as StaticString) }
            head.append("\r\n" as StaticString)
            return ByteBuffer(copying: head.span)
        }
        stream = StreamBody(behind: head, isChunked: !isOld, buffers: worker.spareBuffers)
    }

    /// Writes bytes of a stream. What is written until the next flush is sent as one chunk.
    func writeStream(_ bytes: Span<UInt8>) {
        recording?.answered(Array(copying: bytes))
        guard var open = stream.take() else { return }  // Taken out while it is changed: it needs no check of that.
        open.append(bytes)
        stream = open
    }

    /// Sends what was written, at the end of the loop's turn or now.
    func flush() {
        guard !waitsForFlush else { return }
        waitsForFlush = true
        worker.flushes.add(self)
    }

    func sendAtOnce() -> Bool {
        endChunk()
        guard writer?.sendAtOnce() != false else { return false }
        didFlush()
        return true
    }

    func flushNow() {
        endChunk()
        writer?.flush()
        didFlush()
    }

    /// Frames what was written of a stream.
    private func endChunk() {
        guard var open = stream.take() else { return }
        if let chunk = open.take(isLast: false) { lend(chunk) }
        stream = open
    }

    private func didFlush() {
        waitsForFlush = false
        guard let sent = lent else { return }
        lent = nil
        worker.spareBuffers.giveBack(sent)
    }

    /// Ends a stream.
    func finishStream() {
        if var open = stream.take(), let chunk = open.take(isLast: true) { lend(chunk) }
        finish()
    }

    /// The answer is written: the connection goes on with the next request, or closes.
    private func finish() {
        finishRecording()
        guard let writer else { return }
        since = worker.latest
        guard keepsAlive, !worker.isDraining else {
            state = .closed
            return writer.close()
        }
        state = .idle
        flush()
        proceed()
    }

    func finishRecording() {
        recording?.finish()
        recording = nil
    }
}
