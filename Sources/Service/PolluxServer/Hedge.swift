import NIOCore
import PolluxConfiguration
import PolluxGateway
import PolluxObservation
import PolluxTranslation
import PolluxTransport

/// A second request to another location, because the first one's first byte is later than usual.
///
///     waiting ── head 200 before the first's ──▶ leading: it is the request now, the other is cancelled
///        │  ──── the first one fails ──────────▶ leading
///        └────── the other was first, or this one failed ──▶ lost
///
/// It belongs to its exchange, which lets it go at its end.
final class Hedge: UpstreamReceiver {
    private enum State { case waiting, leading, lost }

    private let exchange: Exchange
    private let journey: Journey
    private var position: Journey.Position
    private var state = State.waiting
    private var handle: UpstreamCall?

    init(_ exchange: Exchange, _ journey: Journey, _ position: Journey.Position) {
        self.exchange = exchange
        self.journey = journey
        self.position = position
    }

    func send(_ request: UpstreamRequest) {
        journey.depart(&position, at: .now())
        journey.mark(position, hedge: "waiting")
        journey.place(of: position).health.count(.hedge)
        handle = exchange.worker.pool.send(request, to: self, call: 0)
    }

    var isWaiting: Bool { state == .waiting }

    /// The first request's answer is there.
    func lose() {
        guard state == .waiting else { return }
        state = .lost
        handle?.cancel()
        journey.settle(position, .abandoned, word: "late", hedge: "lost", at: .now())
    }

    /// Takes the first request's place.
    func lead() {
        guard state == .waiting else { return }
        state = .leading
        let first = exchange.calls[0].position
        exchange.calls[0].handle?.cancel()
        exchange.calls[0].handle = handle
        exchange.calls[0].head = nil
        exchange.calls[0].answer = nil
        exchange.calls[0].events = nil
        exchange.stream = nil
        exchange.calls[0].position = position
        exchange.calls[0].position.tried.insert(first.place)
        exchange.note(journey.place(of: position).route)
        journey.mark(position, hedge: "won")
        if !journey.isSettled(first) { journey.settle(first, .abandoned, word: "late", at: .now()) }
        journey.place(of: position).health.count(.hedgeWon)
    }

    // MARK: What comes back

    func upstream(_ call: Int, didReceive head: UpstreamResponseHead) {
        if state == .waiting {
            guard head.status == 200 else {
                journey.receive(status: head.status, position, isStream: false, at: .now())
                return fail(head.status == 429 || head.status == 503 ? .refused(delay: nil) : .failed, word: nil)
            }
            lead()
        }
        if state == .leading { exchange.upstream(0, didReceive: head) }
    }

    func upstream(_ call: Int, didReceive bytes: ByteBuffer) {
        if state == .leading { exchange.upstream(0, didReceive: bytes) }
    }

    func upstreamDidFinishReading(_ call: Int) {
        if state == .leading { exchange.upstreamDidFinishReading(0) }
    }

    func upstreamDidEnd(_ call: Int) {
        if state == .leading { exchange.upstreamDidEnd(0) }
    }

    func upstream(_ call: Int, didFailWith failure: UpstreamFailure) {
        switch state {
        case .leading: exchange.upstream(0, didFailWith: failure)
        case .waiting: fail(.failed, word: "broken")
        case .lost: break
        }
    }

    private func fail(_ outcome: PlaceState.Outcome, word: StaticString?) {
        state = .lost
        handle?.cancel()
        journey.settle(position, outcome, word: word, hedge: "lost", at: .now())
    }
}

/// When a second request is made.
extension Exchange {
    /// Begins to watch the first byte of a call that was just sent.
    func watchForHedge(_ journey: Journey) {
        guard gateway.configuration.upstream.hedgeTokensPerHour > 0, hedge == nil, calls.count == 1, relay == nil,
            embeddings == nil, plan.cacheLocation == nil, recording == nil
        else { return }
        let place = journey.place(of: calls[0].position)
        guard let p95 = plan.isStream ? place.streamLatency.p95 : place.wholeLatency.p95 else { return }
        let leg = calls[0].position.leg
        worker.loop.assumeIsolated().scheduleTask(in: .milliseconds(Int64(max(1, p95)))) {
            self.hedgeIfLate(leg, journey)
        }
    }

    private func hedgeIfLate(_ leg: Int?, _ journey: Journey) {
        guard phase == .calling || phase == .streaming, !hasAnswered, hedge == nil, calls.count == 1,
            calls[0].position.leg == leg, calls[0].handle != nil, calls[0].head == nil
        else { return }
        let position = calls[0].position
        let backend = journey.place(of: position).route.backend.name
        let next = journey.next(after: position, at: .now()) {
            $0.route.backend.name == backend && $0.health.current.condition == .well
        }
        guard let next else { return }
        let tokens = HedgeBudget.estimate(
            requestBytes: calls[0].bodyBytes, maximumOutputTokens: plan.maxOutputTokens
        )
        let limit = gateway.configuration.upstream.hedgeTokensPerHour
        guard worker.poolState.hedges.withdraw(tokens, limit: limit, at: NIODeadline.now().milliseconds) else { return }
        record.hedges += 1
        let route = journey.place(of: next).route
        let hedge = Hedge(self, journey, next)
        self.hedge = hedge
        hedge.send(upstreamRequest(calls[0], route))
    }

    /// The second request goes on where the first one failed.
    func hedgeTakesOver() -> Bool {
        guard let hedge, hedge.isWaiting else { return false }
        hedge.lead()
        return true
    }
}
