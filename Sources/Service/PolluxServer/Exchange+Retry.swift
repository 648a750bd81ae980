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

/// Errors from upstream, and the second tries that may mend them before the client sees one.
extension Exchange {
    var credentialOwner: UpstreamError.Credential {
        if case .passthrough = route?.backend.credential { .client } else { .gateway }
    }

    func didReceiveError(_ head: UpstreamResponseHead, _ call: Int) {
        let body = errorBody(head, call)
        let error = UpstreamError.translate(
            status: head.status, body: body.readableBytesUInt8Span,
            retryAfter: RetryAfter.duration(head, now: worker.clock.now), credential: credentialOwner
        ).advised(by: head)
        didReceive(error, call, upstreamStatus: head.status)
    }

    /// What an error says; nothing where it came compressed, which nobody could read.
    func errorBody(_ head: UpstreamResponseHead, _ call: Int) -> ByteBuffer {
        head.coding == nil ? calls[call].answer ?? ByteBuffer() : ByteBuffer()
    }

    /// An error that may still be mended before the client sees it.
    func didReceive(_ error: APIError, _ call: Int, upstreamStatus: Int? = nil) {
        calls[call].handle?.cancel()
        calls[call].handle = nil
        if let journey { didEnd(call, with: error, upstreamStatus: upstreamStatus, journey) }
        guard !hasAnswered else { return fail(error) }
        if refreshToken(error) { return }
        if relay == nil, changePlaceholder(error) || dropSampling(error) || fetchInstead(error) { return }
        if RetryPolicy.isServedElsewhere(error, upstreamStatus: upstreamStatus), goOn(call) { return }
        if error.code == "upstream_authentication_failed", leaveBackend() { return }
        if RetryPolicy.isRetried(error, upstreamStatus: upstreamStatus, gateway.configuration.upstream.retry429),
            retryHere(call, after: error.retryAfter)
        {
            return
        }
        giveUp(call, error)
    }

    /// CRED-008: one forced refresh after a 401. A token that was fetched before the refusal is tried as well, once.
    private func refreshToken(_ error: APIError) -> Bool {
        guard error.code == "upstream_authentication_failed", !retries.refreshedToken, let token,
            case .token(let cache) = route?.backend.credential
        else { return false }
        retries.refreshedToken = cache.invalidate(token) || retries.replacedToken
        retries.replacedToken = true
        record.retries += 1
        takeBackCalls()
        if phase == .calling { phase = .preparing }
        acquireCredential()
        return true
    }

    /// All calls must be made anew: what is wrong with one of a fan-out is wrong with its siblings. Embeddings that
    /// came are right, and are kept.
    func takeBackCalls() {
        for index in calls.indices where embeddings == nil || !calls[index].isDone {
            calls[index].handle?.cancel()
            calls[index].handle = nil
            calls[index].head = nil
            calls[index].isDone = false
        }
        stream = nil
    }

    /// SIG-013: the other form of the placeholder, once. The one that works is remembered for the backend.
    private func changePlaceholder(_ error: APIError) -> Bool {
        guard error.code == "missing_thought_signature", plan.sentPlaceholder, !retries.changedPlaceholder else {
            return false
        }
        retries.changedPlaceholder = true
        literalPlaceholder = literalPlaceholder != true
        return sendAgain()
    }

    /// Note 3 of 00 § 5: some models refuse sampling parameters.
    private func dropSampling(_ error: APIError) -> Bool {
        let names = ["temperature", "top_p", "topp", "top_k", "topk"]
        let message = error.message.lowercased()
        guard error.status == 400, plan.mayRetryWithoutSampling, !retries.droppedSampling,
            names.contains(where: { message.contains($0) })
        else { return false }
        retries.droppedSampling = true
        return sendAgain()
    }

    private func sendAgain() -> Bool {
        do throws(APIError) {
            try retranslate()
        } catch {
            fail(.internalError)  // It was translated before.
            return true
        }
        record.retries += 1
        takeBackCalls()
        launch(at: worker.now)
        return true
    }

    /// What an attempt told, and the client never saw, is not the answer.
    func forgetStream(of call: Int) {
        if let usage = stream?.translator.usage(of: call) { spend(usage) }
        if plan.calls == 1 { stream = nil } else { stream?.translator.forget(call: call) }
    }

    /// One more try within the budget (ERR-050…053): elsewhere at once, else here.
    func retry(_ call: Int, after delay: Duration?) -> Bool { goOn(call) || retryHere(call, after: delay) }

    private func retryHere(_ call: Int, after delay: Duration?) -> Bool {
        guard calls[call].attempts < gateway.configuration.upstream.maxRetries else { return false }
        guard worker.poolState.retries.withdraw(at: NIODeadline.now().milliseconds) else {
            journey?.isOutOfBudget = true
            return false
        }
        let jitter = worker.withIdentifiers { $0.unit() }
        let pause = RetryPolicy.pause(attempt: calls[call].attempts, delay: delay, jitter: jitter)
        calls[call].attempts += 1
        calls[call].isDone = false
        record.retries += 1
        forgetStream(of: call)
        let moves = moves
        worker.loop.assumeIsolated().scheduleTask(in: .nanoseconds(pause)) {
            guard self.phase == .calling || self.phase == .streaming, self.moves == moves,
                self.calls[call].handle == nil, !self.calls[call].isDone
            else { return }
            self.send(call)
        }
        return true
    }
}
