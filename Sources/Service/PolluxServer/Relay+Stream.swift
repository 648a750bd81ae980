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
        defer { exchange.record.timings.streaming += exchange.worker.now - begin }
        guard var events else { return }
        self.events = nil  // Taken out while it is used, so that it is not copied.
        let span = bytes.readableBytesUInt8Span
        var offset = 0
        let worker = exchange.worker
        worker.output.removeAll()
        var failure: APIError?
        do throws(EventTooLarge) {
            while failure == nil, stream?.isDone != true, let event = try events.next(in: span, at: &offset) {
                switch event {
                case .inInput(let range): failure = read(span.extracting(range))
                case .inBuffer:
                    let buffered = events.buffered
                    failure = read(buffered.span)
                }
            }
        } catch {
            failure = Exchange.invalidAnswer
        }
        self.events = events
        exchange.writeOutput()
        if let failure { return exchange.didReceive(failure, 0) }
        if stream?.isDone == true, exchange.phase != .done {
            exchange.deadline = .now() + Self.endOfStream
            exchange.keepAlive = .distantFuture
        }
    }

    /// Reads one event into the worker's output; gives the error that it is.
    private func read(_ event: Span<UInt8>) -> APIError? {
        let worker = exchange.worker
        guard
            let reading = stream?.read(
                event, identifiers: &worker.identifiers, tape: &worker.answerTape, into: &worker.output
            )
        else { return nil }
        return error(of: reading)
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
    func finishStream() {
        let worker = exchange.worker
        worker.output.removeAll()
        if stream?.isDone != true, let events, events.hasRest() {
            let reading = stream?.readRest(
                events.buffered, isBareJSON: events.isBareJSON, identifiers: &worker.identifiers,
                tape: &worker.answerTape, into: &worker.output
            )
            if let failure = reading.flatMap({ error(of: $0) }) {
                exchange.writeOutput()
                return exchange.didReceive(failure, 0)
            }
        }
        if stream?.isDone == true { return writeAndEnd() }
        if stream?.isComplete == true {
            worker.output.output.append("data: [DONE]\n\n" as StaticString)
            return writeAndEnd()
        }
        exchange.writeOutput()
        if !hasAnswered {
            if exchange.retry(0, after: nil) { return }
            return exchange.fail(Exchange.emptyAnswer)
        }
        exchange.fail(Exchange.incompleteStream)
    }

    /// STREAM-062: something answered with a whole body.
    func relayWholeAsStream() {
        let worker = exchange.worker
        let answer = exchange.calls[0].answer ?? ByteBuffer()
        worker.output.removeAll()
        var stream = newStream()
        let reading = stream.readWhole(
            answer.readableBytesUInt8Span, identifiers: &worker.identifiers, tape: &worker.answerTape,
            into: &worker.output
        )
        self.stream = stream
        if let failure = error(of: reading) { return exchange.didReceive(failure, 0) }
        writeAndEnd()
    }

    private func writeAndEnd() {
        exchange.writeOutput()
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
