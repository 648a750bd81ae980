import NIOCore
import PolluxGateway
import PolluxJSON
import PolluxObservation
import PolluxOpenAIWire
import PolluxSSE
import PolluxTranslation
import PolluxTransport

/// Streamed answers: what comes of the upstream's events, and what the client gets of them.
extension Exchange {
    func readEvents(_ bytes: ByteBuffer, _ call: Int) {
        let begin = worker.now
        extendDeadline(from: .uptimeNanoseconds(begin))
        let kept = calls[call]
        guard var events = kept.events.take() else { return }  // Taken out while it is used, so that it is not copied.
        let credential = credentialOwner
        worker.withOutput { output in
            let failure = translate(into: &output) { (translator, tape, identifiers, output) throws(APIError) in
                try translator.translate(
                    bytes.readableBytesUInt8Span, call: call, cutBy: &events, credential: credential, tape: &tape,
                    identifiers: &identifiers, into: &output)
            }
            kept.events = events
            write(&output)
            if let failure { didReceive(failure, call) }
        }
        timings.streaming += worker.now - begin
    }

    /// Translates one event; gives the error that it is.
    private func readEvent(_ data: Span<UInt8>, _ call: Int, into output: inout JSONWriter) -> APIError? {
        let credential = credentialOwner
        return translate(into: &output) { (translator, tape, identifiers, output) throws(APIError) in
            try translator.translate(
                event: data, call: call, credential: credential, tape: &tape, identifiers: &identifiers, into: &output)
        }
    }

    /// Translates a part of a stream with the loop's own memory; gives the error that is in it.
    private func translate(
        into output: inout JSONWriter,
        _ use: (inout StreamTranslator, inout JSONTape, inout IdentifierSource, inout JSONWriter) throws(APIError)
            -> Void
    ) -> APIError? {
        let stream = stream ?? beginTranslation()
        return worker.withAnswerTape { tape in
            worker.withIdentifiers { identifiers -> APIError? in
                do throws(APIError) {
                    try use(&stream.translator, &tape, &identifiers, &output)
                    return nil
                } catch {
                    return error
                }
            }
        }
    }

    private func beginTranslation() -> AnswerStream {
        var translator = StreamTranslator(plan: plan, now: worker.clock.now)
        if remembers { translator.digest = contentDigest }
        translator.remembersAudio = true
        let stream = AnswerStream(translator)
        self.stream = stream
        return stream
    }

    /// Sends what was translated, with the head before the first chunk (STREAM-004), and empties it.
    func write(_ output: inout JSONWriter) {
        guard !output.output.isEmpty, phase != .done else { return }
        let now = worker.latest
        if timings.firstToken == 0 {
            timings.firstToken = now.uptimeNanoseconds
            firstByteDeadline = .distantFuture
            if let journey { didBeginAnswer(journey) }
            if plan.calls == 1 { forgetRequest() }  // An answer that has begun is not asked for again.
        }
        beginStreaming()
        record.bytesOut += output.output.count
        client.writeStream(output.output.span)
        output.removeAll()
        keepAlive = now + .nanoseconds(gateway.streamKeepalive)
    }

    func beginStreaming() {
        guard phase != .streaming else { return }
        phase = .streaming
        worker.openStreams += 1
        extendDeadline()
        client.beginStream(
            headers: [
                ("content-type", "text/event-stream"), ("cache-control", "no-cache"), ("x-accel-buffering", "no"),
            ] + ownHeaders)
        if !client.isWritable { clientIsWritable(false) }
    }

    /// STREAM-006: a comment, so that nothing in between takes the silence for the end.
    func sendKeepAlive() {
        beginStreaming()
        client.writeStream(Array(String(describing: EventWriter.keepAlive).utf8).span)
        client.flush()
    }

    /// One upstream stream is over.
    func finishStream(_ call: Int) {
        worker.withOutput { output in finishStream(call, &output) }
    }

    private func finishStream(_ call: Int, _ output: inout JSONWriter) {
        if let failure = readRest(call, into: &output) {
            write(&output)
            return didReceive(failure, call)
        }
        let stream = stream ?? beginTranslation()
        switch stream.translator.finish(call: call, into: &output) {
        case .finished: didFinishStream(call, &output)
        case .malformedCall where !hasAnswered && repeatMalformedCall(call): return
        case .malformedCall:
            stream.translator.acceptMalformedCall()
            _ = stream.translator.finish(call: call, into: &output)
            didFinishStream(call, &output)
        case .empty where !hasAnswered && repeatEmptyAnswer(call): return
        case .empty: fail(Self.emptyAnswer)
        case .incomplete:
            write(&output)
            if !hasAnswered, retry(call, after: nil) { return }
            beginStreaming()  // The answer had begun, as far as the model is concerned (STREAM-061).
            fail(Self.incompleteStream)
        }
    }

    private func didFinishStream(_ call: Int, _ output: inout JSONWriter) {
        calls[call].isDone = true
        if calls.allSatisfy(\.isDone) {
            if let remembered = stream?.translator.remembered { remember(remembered) }
            write(&output)
            end(status: 200)
            return client.finishStream()
        }
        write(&output)
        client.flush()
        sendNext()
    }

    /// What came of the last event, or all where there are no events.
    private func readRest(_ call: Int, into output: inout JSONWriter) -> APIError? {
        let kept = calls[call]
        guard var events = kept.events.take() else {
            return kept.answer.flatMap { readWhole($0, call, into: &output) }
        }
        defer { kept.events = events }
        guard case .inBuffer = events.finish() else { return nil }
        let bytes = events.buffered
        return events.isBareJSON
            ? readWhole(ByteBuffer(bytes: bytes), call, into: &output) : readEvent(bytes.span, call, into: &output)
    }

    /// STREAM-062: an array of answers, or one.
    private func readWhole(_ answer: ByteBuffer, _ call: Int, into output: inout JSONWriter) -> APIError? {
        var pieces: [ByteBuffer] = []
        let failure = readAnswer(answer.readableBytesUInt8Span) { json in
            if json.isObject(.root) { pieces.append(answer) }
            var elements = json.elements(.root)
            while let element = elements.next(in: json) { pieces.append(ByteBuffer(copying: json.raw(element))) }
            return nil
        }
        if let failure { return failure }
        for piece in pieces {
            if let failure = readEvent(piece.readableBytesUInt8Span, call, into: &output) { return failure }
        }
        return nil
    }
}
