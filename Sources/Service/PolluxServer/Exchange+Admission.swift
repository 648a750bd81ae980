import NIOCore
import PolluxConfiguration
import PolluxGateway
import PolluxLimits
import PolluxObservation
import PolluxOpenAIWire
import PolluxTranslation
import PolluxTransport

/// Who may begin, how much it may take, and what it took.
///
///     admit      knows the client; counts the request against its key, then against the process
///     reserve    takes what the request may need at most from the key's tokens and budgets
///     settle     puts what it took in that place, at its end, whatever the end
extension Exchange {
    /// Begins the request, at once or when others have ended.
    func admit(to route: Route) {
        beginRecording()
        do throws(APIError) {
            identity = try gateway.authentication.identify(request, keys: &worker.keys, now: worker.clock.now)
            record.client = identity.name
            if worker.isDraining { throw Self.shuttingDown }
            patience = try ClientPatience.duration(request).map { .nanoseconds($0) }
            try countRequest()
            worker.poolState.retries.deposit(percent: gateway.configuration.upstream.retryBudget)
            let limits = gateway.configuration.limits
            switch worker.admission.enter(limit: limits.maxConcurrentRequests, queue: limits.queue) {
            case .admitted:
                isAdmitted = true
                if patience != nil { extendDeadline() }
                proceed(to: route)
            case .waiting:
                phase = .waiting
                deadline = .now() + .nanoseconds(limits.queueTimeout)
                worker.wait(self, for: route)
            case .refused: throw Self.overloaded
            }
        } catch {
            fail(error)
        }
    }

    /// The wait is over.
    func didWait(for route: Route) {
        isAdmitted = true
        phase = .preparing
        deadline = .distantFuture
        if patience != nil { extendDeadline() }
        proceed(to: route)
    }

    private func proceed(to route: Route) {
        switch route {
        case .chatCompletions(let base): startChat(base)
        case .embeddings(let base): startEmbeddings(base)
        case .models(let base): startModels(base, named: nil)
        case .model(let base, let id): startModels(base, named: id)
        case .health, .readiness: break  // They are not admitted: they are always answered.
        }
    }

    private func countRequest() throws(APIError) {
        guard case .key(let key) = identity else { return }
        do throws(LimitRefusal) {
            try key.meter.admit(key.limits, now: Int64(timings.received))
            isCounted = true
        } catch {
            throw refused(error)
        }
    }

    /// - Parameters:
    ///   - answers: candidates that may be made.
    ///   - outputTokens: of each; `nil`: the request does not say it.
    func reserve(answers: Int, outputTokens: Int?) throws(APIError) {
        guard case .key(let key) = identity, let route else { return }
        var counts = RequestRecord.TokenCounts()
        if key.limits.countTokens {
            for index in calls.indices { counts.prompt += calls[index].promptTokens }
            let each =
                outputTokens ?? gateway.configuration.limits.defaultOutputTokens ?? route.target.profile.outputTokens
            counts.completion =
                min(max(1, answers), Self.maximumAnswers) * min(max(0, each), Self.maximumOutputTokens)
        }
        estimate = counts
        do throws(LimitRefusal) {
            reservation = try key.meter.reserve(
                tokens: counts.prompt + counts.completion, cost: route.price?.cost(counts) ?? .zero, key.limits,
                now: Int64(timings.received), periods: worker.periods
            )
        } catch {
            throw refused(error)
        }
    }

    /// A limit of the key is hit: counted, and as the client reads it.
    private func refused(_ refusal: LimitRefusal) -> APIError {
        worker.metrics.countLimit(refusal.word)
        return APIError(refusal)
    }

    /// What a client may say of its answer's length is not taken further than this.
    private static let maximumAnswers = 128
    private static let maximumOutputTokens = 10_000_000

    /// The request is over: `record` knows what the upstream counted.
    func settle() {
        if let estimated {
            (record.tokens, record.areTokensEstimated) = (estimated, true)
        } else if record.error != nil, !hasAnswered {
            spendOnAnswers()
        }
        record.tokens.add(spent)
        record.cost = route?.price?.cost(record.tokens).nanodollars
        guard case .key(let key) = identity else { return }
        if isCounted { key.meter.leave() }
        guard let reservation else { return }
        self.reservation = nil
        let cost = Money(nanodollars: record.cost ?? 0)
        key.meter.settle(
            reservation, tokens: record.tokens.prompt + record.tokens.completion, cost: cost, key.limits)
    }

    /// What a request took whose upstream did not come to counting it, so that its key pays for what it got: the
    /// prompt when it was sent and not refused, and the answer by its length. `nil` where that is not so.
    private var estimated: RequestRecord.TokenCounts? {
        if record.tokens.prompt + record.tokens.completion > 0 || timings.sent == 0 { return nil }
        if record.error != nil, !hasAnswered, record.error != Self.timedOut.code { return nil }
        guard estimate.prompt > 0 else { return nil }
        var counts = RequestRecord.TokenCounts()
        counts.prompt = estimate.prompt
        counts.completion = min(estimate.completion, record.bytesOut / TokenEstimate.bytesPerToken)
        return counts
    }

    // MARK: What the client is told

    /// The rates of the key, as they are now; `nil` when it has none.
    var rates: RateHeaders? {
        guard case .key(let key) = identity else { return nil }
        if key.limits.requestsPerMinute == nil, key.limits.tokensPerMinute == nil { return nil }
        return RateHeaders(key: key, now: Int64(worker.clock.latest))
    }

    /// The key is valid no longer.
    func keyWasRevoked() { fail(ClientAuthentication.revoked) }
}

/// How many tokens a prompt has at most, as far as its length tells.
enum TokenEstimate {
    /// English has four to five bytes for a token, other scripts three; braces and names of the JSON come on top.
    static let bytesPerToken = 3
    /// Base64 of pictures, sound and films has hundreds of bytes for a token.
    private static let mediaBytesPerToken = 64
    /// What a model reads at most.
    private static let maximum = 2_000_000

    /// - Parameter body: long strings are pieces of their own.
    static func prompt(_ body: UpstreamBody) -> Int {
        if body.isWhole { return min(maximum, body.count / bytesPerToken + 1) }
        let pieces = body.pieces
        var tokens = 0
        for (index, piece) in pieces.enumerated() {
            let isMedia = index > 0 && pieces[index - 1].endsWith(#""data":""#)
            tokens += piece.readableBytes / (isMedia ? mediaBytesPerToken : bytesPerToken)
        }
        return min(maximum, tokens + 1)
    }
}

extension ByteBuffer {
    fileprivate func endsWith(_ text: StaticString) -> Bool {
        let count = text.utf8CodeUnitCount
        guard readableBytes >= count else { return false }
        return getString(at: writerIndex - count, length: count) == String(describing: text)
    }
}
