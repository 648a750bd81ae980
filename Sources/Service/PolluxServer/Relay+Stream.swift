import NIOCore
import PolluxConfiguration
import PolluxJSON
import PolluxObservation
import PolluxOpenAIWire
import PolluxRelay
import PolluxSSE
import PolluxTranslation
import PolluxTransport

/// Streams: whole events are relayed, read by read (SELF-040).
extension Relay {
    /// How long an upstream may take to end its answer behind `[DONE]`, for its connection to be kept.
    static let endOfStream = TimeAmount.seconds(1)

    func relay(_ bytes: ByteBuffer) {
        let begin = exchange.worker.now
        defer { exchange.timings.streaming += exchange.worker.now - begin }
        guard var events = events.take() else { return }  // Taken out while it is used, so that it is not copied.
        let span = bytes.readableBytesUInt8Span
        var failure: APIError?
        exchange.worker.withOutput { output in
            var offset = 0
            do throws(EventTooLarge) {
                while failure == nil, stream?.isDone != true, let event = try events.next(in: span, at: &offset) {
                    switch event {
                    case .inInput(let range): failure = read(span.extracting(range), into: &output)
                    case .inBuffer:
                        let buffered = events.buffered
                        failure = read(buffered.span, into: &output)
                    }
                }
            } catch {
                failure = Exchange.invalidAnswer
            }
            self.events = events
            exchange.write(&output)
        }
        if let failure { return exchange.didReceive(failure, 0) }
        if stream?.isDone == true, exchange.phase != .done {
            exchange.deadline = .now() + Self.endOfStream
            exchange.keepAlive = .distantFuture
        }
    }

    /// Reads one event; gives the error that it is.
    private func read(_ event: Span<UInt8>, into output: inout JSONWriter) -> APIError? {
        read { (stream, identifiers, tape) in
            stream?.read(event, identifiers: &identifiers, tape: &tape, into: &output)
        }
    }

    private func read(
        _ use: (inout RelayedStream?, inout IdentifierSource, inout JSONTape) -> RelayedStream.Reading?
    ) -> APIError? {
        let worker = exchange.worker
        let reading = worker.withAnswerTape { tape in
            worker.withIdentifiers { identifiers in use(&stream, &identifiers, &tape) }
        }
        return reading.flatMap { error(of: $0) }
    }

    private func error(of reading: RelayedStream.Reading) -> APIError? {
        switch reading {
        case .comment, .done: return nil
        case .chunk:
            hasAnswered = true
            return nil
        case .failed(let error): return error
        case .unreadable: return Exchange.invalidAnswer
        }
    }

    /// The upstream's stream has ended (SELF-041).
    func finishStream() { exchange.worker.withOutput { output in finishStream(&output) } }

    private func finishStream(_ output: inout JSONWriter) {
        if stream?.isDone != true, let events, events.hasRest() {
            let failure = read { (stream, identifiers, tape) in
                stream?.readRest(
                    events.buffered, isBareJSON: events.isBareJSON, identifiers: &identifiers, tape: &tape,
                    into: &output)
            }
            if let failure {
                exchange.write(&output)
                return exchange.didReceive(failure, 0)
            }
        }
        if stream?.isDone == true { return writeAndEnd(&output) }
        if stream?.isComplete == true {
            output.output.append("data: [DONE]\n\n" as StaticString)
            return writeAndEnd(&output)
        }
        exchange.write(&output)
        if !hasAnswered {
            if exchange.retry(0, after: nil) { return }
            return exchange.fail(Exchange.emptyAnswer)
        }
        exchange.fail(Exchange.incompleteStream)
    }

    /// STREAM-062: something answered with a whole body.
    func relayWholeAsStream() {
        let answer = exchange.calls[0].answer ?? ByteBuffer()
        stream = newStream()
        exchange.worker.withOutput { output in
            let failure = read { (stream, identifiers, tape) in
                stream?.readWhole(
                    answer.readableBytesUInt8Span, identifiers: &identifiers, tape: &tape, into: &output)
            }
            if let failure { return exchange.didReceive(failure, 0) }
            writeAndEnd(&output)
        }
    }

    private func writeAndEnd(_ output: inout JSONWriter) {
        exchange.write(&output)
        end()
    }

    /// The answer is complete: the client's stream ends.
    func end() {
        guard exchange.phase != .done else { return }
        exchange.beginStreaming()
        let client = exchange.client
        exchange.end(status: 200)
        client.finishStream()
    }

    /// A deadline has passed; `true` when only the upstream's end was missing.
    func endedByTime() -> Bool {
        guard stream?.isDone == true else { return false }
        end()
        return true
    }
}
