import NIOCore
import PolluxConfiguration
import PolluxGateway
import PolluxGoogleAuth
import PolluxJSON
import PolluxObservation
import PolluxOpenAIWire
import PolluxSSE
import PolluxTranslation
import PolluxTransport
import Synchronization

/// What comes from upstream, and what becomes of it.
extension Exchange: UpstreamReceiver {
    func upstream(_ call: Int, didReceive head: UpstreamResponseHead) {
        calls[call].head = head
        calls[call].isBorrowed = true
        record.timings.firstByte = worker.now
        route?.backend.health.didAnswer()
        if !plan.isStream { firstByteDeadline = .distantFuture }
        if let journey { didReceiveHead(head, call, journey) }
        if head.status == 200, retries.changedPlaceholder, let literalPlaceholder, let route {
            route.backend.wantsLiteralPlaceholder.store(literalPlaceholder, ordering: .relaxed)
        }
        if phase == .streaming { extendDeadline() }
        // STREAM-062: something in between may have answered a stream with a whole body.
        if head.status == 200, plan.isStream, !head.isJSON {
            calls[call].events = EventParser(maximumEventBytes: worker.limits.maximumEventBytes)
            calls[call].head = head.withoutFields
            calls[call].isBorrowed = false
        }
    }

    func upstream(_ call: Int, didReceive bytes: ByteBuffer) {
        guard phase != .done else { return }
        if calls[call].events != nil { return readEvents(bytes, call) }
        calls[call].append(bytes)
        if (calls[call].answer?.readableBytes ?? 0) > worker.limits.maximumAnswerBytes {
            fail(Self.invalidAnswer)
        }
    }

    /// Whether the client got anything of the answer; comments are nothing (ERR-050, STREAM-006).
    var hasAnswered: Bool { stream?.hasWritten ?? relay?.hasAnswered ?? false }

    func upstreamDidFinishReading(_ call: Int) {
        if phase == .streaming { client.flush() }
        if phase != .done { calls[call].keepAnswer() }
    }

    func upstreamDidEnd(_ call: Int) {
        guard phase != .done else { return }
        calls[call].handle = nil
        record.timings.upstreamEnd = worker.now
        guard let head = calls[call].head else { return fail(.internalError) }  // An end without a beginning.
        if head.status != 200 { return hasNoList(head) ? () : didReceiveError(head, call) }
        if plan.isStream { finishStream(call) } else { finishAnswer(call) }
    }

    func upstream(_ call: Int, didFailWith failure: UpstreamFailure) {
        guard phase != .done else { return }
        calls[call].handle = nil
        if failure == .staleConnection, calls[call].staleAttempts < 3 {
            calls[call].staleAttempts += 1
            return send(call)
        }
        if case .unreachable(let reason) = failure {
            record.reason = reason
            route?.backend.health.didFailToConnect()
        }
        if let journey { didEnd(call, with: failure, journey) }
        if hasAnswered { return fail(Self.error(failure)) }
        if retry(call, after: nil) { return }
        giveUp(call, Self.error(failure))
    }

    /// Sends the next call of a fan-out that waits for its turn (NFAN-001).
    func sendNext() {
        let next = calls.indices.first { !calls[$0].isDone && calls[$0].handle == nil && calls[$0].head == nil }
        if let next, plan.calls > 1 || embeddings != nil { send(next) }
    }

    // MARK: Whole answers

    private func finishAnswer(_ call: Int) {
        if embeddings != nil { return finishEmbeddings(call) }
        if listing != nil { return finishModelPage() }
        if plan.calls > 1, calls[call].failure == nil, goesOn(call) { return }
        calls[call].isDone = true
        sendNext()
        guard calls.allSatisfy(\.isDone) else { return }
        guard plan.calls > 1 else { return translateAnswer(usage: nil) }
        mergeAnswers()
    }

    /// One call has ended without an answer, and so the whole request has: unless the operator finds some choices
    /// better than none, and there is one (NFAN-001).
    func giveUp(_ call: Int, _ error: APIError) {
        guard plan.calls > 1, !plan.isStream, gateway.configuration.nPartial else { return fail(error) }
        calls[call].failure = error
        finishAnswer(call)
    }

    /// Looks at one answer of several: what is wrong with it is mended as it is with a single one.
    ///
    /// - Returns: whether the call is not over, or failed.
    private func goesOn(_ call: Int) -> Bool {
        let answer = calls[call].answer ?? ByteBuffer()
        var outcome = ResponseTranslator.Outcome.empty
        let failure = readAnswer(answer.readableBytesUInt8Span) { json in
            guard json.isObject(.root) else { return Self.invalidAnswer }
            worker.output.removeAll()
            var translator = ResponseTranslator(plan: plan, now: worker.clock.now)
            outcome = translator.translate(json, identifiers: &worker.identifiers, into: &worker.output)
            return nil
        }
        switch outcome {
        case .answered: return false
        case .malformedCall: return repeatMalformedCall(call)
        case .empty:
            if failure == nil, repeatEmptyAnswer(call) { return true }
            didReceive(failure ?? Self.emptyAnswer, call)
            return true
        }
    }

    private func mergeAnswers() {
        var bodies: [(call: Int, bytes: [UInt8])] = []
        for (index, call) in calls.enumerated() where call.failure == nil {
            bodies.append((index, Array(call.answer?.readableBytesView ?? ByteBufferView())))
        }
        do throws(APIError) {
            if bodies.isEmpty, let failure = calls[0].failure { throw failure }
            let merged = try FanOut.merged(bodies, usageMode: plan.usageMode, credential: credentialOwner)
            calls[0].answer = ByteBuffer(bytes: merged.answer)
            translateAnswer(usage: merged.usage)
        } catch {
            fail(error)
        }
    }

    /// Parses what an upstream answered, with the loop's own tape, and hands the document to `use`, unless it is an
    /// error, which it may be at 200, too.
    ///
    /// - Returns: the error that it is, or that `use` makes of it.
    func readAnswer(_ bytes: Span<UInt8>, _ use: (JSONDocument) -> APIError?) -> APIError? {
        var tape = JSONTape()
        swap(&tape, &worker.answerTape)
        defer { swap(&tape, &worker.answerTape) }
        do throws(JSONError) {
            try tape.parse(bytes, limits: JSONLimits(acceptsLoneSurrogates: true))
        } catch {
            return Self.invalidAnswer
        }
        let json = tape.document(of: bytes)
        if UpstreamError.isError(json) { return UpstreamError.translate(event: json, credential: credentialOwner) }
        return use(json)
    }

    /// - Parameter usage: the counts of several calls; of one call they stand in its answer.
    private func translateAnswer(usage: Usage?) {
        let answer = calls[0].answer ?? ByteBuffer()
        var outcome = ResponseTranslator.Outcome.empty
        let failure = readAnswer(answer.readableBytesUInt8Span) { json in
            guard json.isObject(.root) else { return Self.invalidAnswer }
            worker.output.removeAll()
            var translator = ResponseTranslator(plan: plan, now: worker.clock.now)
            translator.remembers = remembers
            translator.remembersAudio = true
            outcome = translator.translate(
                json, usage: usage, digest: { contentDigest }, identifiers: &worker.identifiers, into: &worker.output
            )
            remember(translator.remembered)
            record.finishReason = translator.finishReason?.rawValue ?? ""
            return nil
        }
        if let failure { return didReceive(failure, 0) }
        switch outcome {
        case .empty:
            if repeatEmptyAnswer(0) { return }
            fail(Self.emptyAnswer)
        case .malformedCall(let usage):
            if repeatMalformedCall(0) { return }
            finishAnswer(usage)
        case .answered(let usage): finishAnswer(usage)
        }
    }

    func finishAnswer(_ usage: Usage) {
        record.tokens = RequestRecord.TokenCounts(usage, mode: plan.usageMode)
        record.bytesOut = worker.output.output.count
        end(status: 200)
        // Taken out while it is sent: the client's next request may be answered before this returns.
        var output = JSONWriter(minimumCapacity: 0)
        swap(&output, &worker.output)
        if explanation == nil, recording == nil, journey == nil {
            client.respond(
                requestID: record.requestID, timings: toldTimings, rates: rates, json: output.output.span)
        } else {
            client.respond(
                200, headers: [("content-type", "application/json")] + ownHeaders, body: output.output.span)
        }
        output.output.shrink(to: 1 << 20)
        swap(&output, &worker.output)
    }

    /// RESP-041: once.
    private func repeatEmptyAnswer(_ call: Int) -> Bool {
        guard !retries.repeatedEmptyAnswer else { return false }
        retries.repeatedEmptyAnswer = true
        return repeatAnswer(call)
    }

    /// RESP-031: an accident of sampling, which a second try usually cures.
    private func repeatMalformedCall(_ call: Int) -> Bool {
        guard retries.repeatedMalformedCalls < gateway.configuration.retryMalformedFunctionCall else { return false }
        retries.repeatedMalformedCalls += 1
        return repeatAnswer(call)
    }

    private func repeatAnswer(_ call: Int) -> Bool {
        record.retries += 1
        calls[call].isDone = false
        forgetStream(of: call)
        send(call)
        return true
    }

    // MARK: Streams

    private func readEvents(_ bytes: ByteBuffer, _ call: Int) {
        let begin = worker.now
        extendDeadline(from: .uptimeNanoseconds(begin))
        guard var events = calls[call].events else { return }
        calls[call].events = nil  // Taken out while it is used, so that it is not copied.
        worker.output.removeAll()
        var failure: APIError?
        beginTranslation()
        do throws(APIError) {
            try stream?.translate(
                bytes.readableBytesUInt8Span, call: call, cutBy: &events, credential: credentialOwner,
                tape: &worker.answerTape, identifiers: &worker.identifiers, into: &worker.output)
        } catch {
            failure = error
        }
        calls[call].events = events
        writeOutput()
        if let failure { didReceive(failure, call) }
        record.timings.streaming += worker.now - begin
    }

    /// Translates one event into the output; gives the error that it is.
    private func readEvent(_ data: Span<UInt8>, _ call: Int) -> APIError? {
        beginTranslation()
        do throws(APIError) {
            try stream?.translate(
                event: data, call: call, credential: credentialOwner, tape: &worker.answerTape,
                identifiers: &worker.identifiers, into: &worker.output)
            return nil
        } catch {
            return error
        }
    }

    private func beginTranslation() {
        if stream?.hasWritten != nil { return }  // Looks at one member; a comparison would copy them all.
        stream = StreamTranslator(plan: plan, now: worker.clock.now)
        if remembers { stream?.digest = contentDigest }
        stream?.remembersAudio = true
    }

    /// Sends what was translated, with the head before the first chunk (STREAM-004).
    func writeOutput() {
        guard !worker.output.output.isEmpty, phase != .done else { return }
        let now = worker.latest
        if record.timings.firstToken == 0 {
            record.timings.firstToken = now.uptimeNanoseconds
            firstByteDeadline = .distantFuture
            if let journey { didBeginAnswer(journey) }
            if plan.calls == 1 { forgetRequest() }  // An answer that has begun is not asked for again.
        }
        beginStreaming()
        record.bytesOut += worker.output.output.count
        worker.output.output.withSpan { client.writeStream($0) }
        worker.output.removeAll()
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
    private func finishStream(_ call: Int) {
        worker.output.removeAll()
        if calls[call].events != nil {
            if case .inBuffer = calls[call].events?.finish(), let events = calls[call].events {
                let bytes = events.buffered
                let failure =
                    events.isBareJSON ? readWhole(ByteBuffer(bytes: bytes), call) : readEvent(bytes.span, call)
                if let failure {
                    writeOutput()
                    return didReceive(failure, call)
                }
            }
        } else if let answer = calls[call].answer, let failure = readWhole(answer, call) {
            writeOutput()
            return didReceive(failure, call)
        }
        beginTranslation()
        let ending = stream?.finish(call: call, identifiers: &worker.identifiers, into: &worker.output) ?? .empty
        switch ending {
        case .finished: didFinishStream(call)
        case .malformedCall where !hasAnswered && repeatMalformedCall(call): return
        case .malformedCall:
            stream?.acceptMalformedCall()
            _ = stream?.finish(call: call, identifiers: &worker.identifiers, into: &worker.output)
            didFinishStream(call)
        case .empty where !hasAnswered && repeatEmptyAnswer(call): return
        case .empty: fail(Self.emptyAnswer)
        case .incomplete:
            writeOutput()
            if !hasAnswered, retry(call, after: nil) { return }
            beginStreaming()  // The answer had begun, as far as the model is concerned (STREAM-061).
            fail(Self.incompleteStream)
        }
    }

    private func didFinishStream(_ call: Int) {
        calls[call].isDone = true
        if calls.allSatisfy(\.isDone) {
            if let remembered = stream?.remembered { remember(remembered) }
            writeOutput()
            end(status: 200)
            return client.finishStream()
        }
        writeOutput()
        client.flush()
        sendNext()
    }

    /// STREAM-062: an array of answers, or one.
    private func readWhole(_ answer: ByteBuffer, _ call: Int) -> APIError? {
        var pieces: [ByteBuffer] = []
        let failure = readAnswer(answer.readableBytesUInt8Span) { json in
            if json.isObject(.root) { pieces.append(answer) }
            var elements = json.elements(.root)
            while let element = elements.next(in: json) { pieces.append(ByteBuffer(copying: json.raw(element))) }
            return nil
        }
        if let failure { return failure }
        for piece in pieces {
            if let failure = readEvent(piece.readableBytesUInt8Span, call) { return failure }
        }
        return nil
    }
}
