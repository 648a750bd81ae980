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
        let kept = calls[call]
        kept.head = head
        kept.isBorrowed = true
        timings.firstByte = worker.now
        route?.backend.health.didAnswer()
        if !plan.isStream { firstByteDeadline = .distantFuture }
        if let journey { didReceiveHead(head, call, journey) }
        if head.status == 200, retries.changedPlaceholder, let literalPlaceholder, let route {
            route.backend.wantsLiteralPlaceholder.store(literalPlaceholder, ordering: .relaxed)
        }
        if phase == .streaming { extendDeadline() }
        // STREAM-062: something in between may have answered a stream with a whole body, or compressed it.
        if head.status == 200, plan.isStream, !head.isJSON, head.coding == nil {
            kept.events = EventParser(maximumEventBytes: worker.limits.maximumEventBytes)
            kept.head = head.isEventStream ? head.withoutFields : head.copied
            kept.isBorrowed = false
        }
    }

    func upstream(_ call: Int, didReceive bytes: ByteBuffer) {
        guard phase != .done else { return }
        let kept = calls[call]
        if kept.events != nil { return readEvents(bytes, call) }
        kept.append(bytes)
        if (kept.answer?.readableBytes ?? 0) > worker.limits.maximumAnswerBytes {
            fail(Self.invalidAnswer)
        }
    }

    /// Whether the client got anything of the answer; comments are nothing (ERR-050, STREAM-006).
    var hasAnswered: Bool { stream?.translator.hasWritten ?? relay?.hasAnswered ?? false }

    func upstreamDidFinishReading(_ call: Int) {
        if phase == .streaming { client.flush() }
        if phase != .done { calls[call].keepAnswer() }
    }

    func upstreamDidEnd(_ call: Int) {
        guard phase != .done else { return }
        calls[call].handle = nil
        timings.upstreamEnd = worker.now
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
        var failure: APIError?
        worker.withOutput { output in
            failure = readAnswer(answer.readableBytesUInt8Span) { json in
                guard json.isObject(.root) else { return Self.invalidAnswer }
                var translator = ResponseTranslator(plan: plan, now: worker.clock.now)
                outcome = worker.withIdentifiers { translator.translate(json, identifiers: &$0, into: &output) }
                return nil
            }
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
    /// - Parameter translateError: the words of who answers errors.
    /// - Returns: the error that it is, or that `use` makes of it.
    func readAnswer(
        _ bytes: Span<UInt8>,
        _ translateError: (JSONDocument, UpstreamError.Credential) -> APIError =
            UpstreamError.translate(event:credential:),
        _ use: (JSONDocument) -> APIError?
    ) -> APIError? {
        worker.withAnswerTape { tape in
            do throws(JSONError) {
                try tape.parse(bytes, limits: JSONLimits(acceptsLoneSurrogates: true))
            } catch {
                return Self.invalidAnswer
            }
            let json = tape.document(of: bytes)
            if UpstreamError.isError(json) { return translateError(json, credentialOwner) }
            return use(json)
        }
    }

    /// - Parameter usage: the counts of several calls; of one call they stand in its answer.
    private func translateAnswer(usage: Usage?) {
        let answer = calls[0].answer ?? ByteBuffer()
        worker.withOutput { output in
            var outcome = ResponseTranslator.Outcome.empty
            let failure = readAnswer(answer.readableBytesUInt8Span) { json in
                guard json.isObject(.root) else { return Self.invalidAnswer }
                var translator = ResponseTranslator(plan: plan, now: worker.clock.now)
                translator.remembers = remembers
                translator.remembersAudio = true
                outcome = worker.withIdentifiers { identifiers in
                    translator.translate(
                        json, usage: usage, digest: { contentDigest }, identifiers: &identifiers, into: &output)
                }
                remember(translator.remembered)
                let finishReason = translator.finishReason?.rawValue ?? ""
                record.finishReason = finishReason
                return nil
            }
            if let failure { return didReceive(failure, 0) }
            switch outcome {
            case .empty:
                if repeatEmptyAnswer(0) { return }
                fail(Self.emptyAnswer)
            case .malformedCall(let usage):
                if repeatMalformedCall(0) { return }
                finishAnswer(usage, &output)
            case .answered(let usage): finishAnswer(usage, &output)
            }
        }
    }

    /// - Parameter output: the answer, which the client's next request may find in use: that may be answered before
    ///   this returns.
    func finishAnswer(_ usage: Usage, _ output: inout JSONWriter) {
        record.tokens = RequestRecord.TokenCounts(usage, mode: plan.usageMode)
        record.bytesOut = output.output.count
        end(status: 200)
        if explanation == nil, recording == nil, journey == nil {
            client.respond(
                requestID: requestID, timings: toldTimings, rates: rates, json: output.output.span)
        } else {
            client.respond(
                200, headers: [("content-type", "application/json")] + ownHeaders, body: output.output.span)
        }
    }

    /// RESP-041: once.
    func repeatEmptyAnswer(_ call: Int) -> Bool {
        guard !retries.repeatedEmptyAnswer else { return false }
        retries.repeatedEmptyAnswer = true
        return repeatAnswer(call)
    }

    /// RESP-031: an accident of sampling, which a second try usually cures.
    func repeatMalformedCall(_ call: Int) -> Bool {
        guard retries.repeatedMalformedCalls < gateway.configuration.retryMalformedFunctionCall else { return false }
        retries.repeatedMalformedCalls += 1
        return repeatAnswer(call)
    }

    private func repeatAnswer(_ call: Int) -> Bool {
        record.retries += 1
        calls[call].isDone = false
        spendOnAnswer(of: call)
        forgetStream(of: call)
        send(call)
        return true
    }
}
