import NIOCore
import PolluxConfiguration
import PolluxGateway
import PolluxJSON
import PolluxObservation
import PolluxOpenAIWire
import PolluxTranslation
import PolluxTransport

/// Requests whose model has several places: the first choice, and the way on when a place fails before the client
/// got anything.
///
///     429, 408, 500, 502, 503, no connection, a first byte too late
///        │  another place that is well, and a try in the budget
///        ├─────────────▶ sent there at once; to another backend, translated anew for it
///        └─────────────▶ else as without a pool: after a pause at the same place, or told
extension Exchange {
    /// The route that the request begins with: of several, the one whose turn it is.
    ///
    /// - Parameter check: what forbids a route.
    /// - Throws: what forbids the first, when all are forbidden.
    func choose(
        _ found: Worker.Routes, _ check: (ModelRoute) throws(APIError) -> Void
    ) throws(APIError) -> ModelRoute {
        guard let pool = found.pool else {
            try check(found.route)
            return found.route
        }
        var closed = RoutePool.Places()
        var failure: APIError?
        for (index, place) in pool.places.enumerated() {
            do throws(APIError) {
                try check(place.route)
            } catch {
                closed.insert(index)
                failure = failure ?? error
            }
        }
        let journey = Journey(pool, closed: closed)
        guard let position = journey.begin(at: .now()) else { throw failure ?? .internalError }
        self.journey = journey
        startPosition = position
        return journey.place(of: position).route
    }

    /// Cached content is in one place: the request goes there, and stays.
    func stayAtCache(_ location: ResponsePlan.CacheLocation) -> ModelRoute? {
        guard let journey else { return nil }
        var name: String?
        if case .named(let found) = location { name = found }
        guard let position = journey.pin(name) else { return nil }
        // The place that was chosen first hears nothing: should it have been a probe, that is given back.
        release(startPosition)
        startPosition = position
        let route = journey.place(of: position).route
        return route.path == self.route?.path && route.address == self.route?.address ? nil : route
    }

    private func release(_ position: Journey.Position) {
        let health = journey?.place(of: position).health
        health?.report(.abandoned, of: position.ticket, at: NIODeadline.now().milliseconds)
    }

    /// The route of a call that is about to be sent.
    func depart(_ call: Int, _ journey: Journey) -> ModelRoute {
        var position = calls[call].position
        if position.leg == nil, position.tried == RoutePool.Places() { position = startPosition }
        journey.depart(&position, at: .now())
        calls[call].position = position
        let route = journey.place(of: position).route
        note(route)
        return record.operation == .embeddings ? route.forEmbeddings ?? route : route
    }

    // MARK: On to another place

    /// Goes on elsewhere at once; `false` when there is no place that is well, or no try is left.
    func goOn(_ call: Int) -> Bool { hedgeTakesOver() || spill(call) }

    private func spill(_ call: Int) -> Bool {
        guard let journey, calls.indices.contains(call) else { return false }
        return goOn(call, from: calls[call].position, journey) { _ in true }
    }

    /// The gateway's own credential does not open this backend; another's may. `false` when there is no other.
    func leaveBackend() -> Bool {
        guard let journey, let name = route?.backend.name, !hasAnswered else { return false }
        let position = calls.first { $0.position.leg != nil }?.position ?? startPosition
        journey.place(of: position).health.report(
            .refused(delay: nil), of: position.ticket, at: NIODeadline.now().milliseconds)
        return goOn(0, from: position, journey) { $0.route.backend.name != name }
    }

    private func goOn(
        _ call: Int, from start: Journey.Position, _ journey: Journey, to isAllowed: (RoutePool.Place) -> Bool
    ) -> Bool {
        var position = start
        while phase != .done, let next = journey.next(after: position, at: .now(), isAllowed) {
            guard worker.poolState.retries.withdraw(at: NIODeadline.now().milliseconds) else {
                giveBack(next, journey)
                return false
            }
            journey.place(of: position).health.count(.spilled)
            if journey.place(of: next).route.backend.name == journey.place(of: position).route.backend.name {
                send(call, onwardTo: next)
                return true
            }
            if move(to: next) { return true }
            position = next  // It cannot serve this request at all.
        }
        return false
    }

    private func giveBack(_ position: Journey.Position, _ journey: Journey) {
        journey.isOutOfBudget = true
        release(position)
    }

    private func send(_ call: Int, onwardTo position: Journey.Position) {
        countSpill()
        calls[call].handle?.cancel()
        calls[call].handle = nil
        calls[call].isDone = false
        calls[call].position = position
        forgetStream(of: call)
        send(call)
    }

    private func countSpill() {
        record.retries += 1
        record.spills += 1
    }

    /// The whole request goes to another backend: its body is written anew, with what is remembered for that one
    /// and without another's signatures.
    ///
    /// - Returns: `false` when the request cannot be written for it.
    private func move(to position: Journey.Position) -> Bool {
        guard let journey else { return false }
        let kept = (calls, plan, relay, embeddings, route, startPosition, literalPlaceholder)
        calls = []
        plan = ResponsePlan()
        relay = nil
        embeddings = nil
        literalPlaceholder = nil
        startPosition = position
        moves += 1
        do throws(APIError) {
            try rewrite(for: journey.place(of: position).route)
        } catch {
            (calls, plan, relay, embeddings, route, startPosition, literalPlaceholder) = kept
            moves -= 1
            if let route { note(route) }
            release(position)
            return false
        }
        for call in kept.0 { call.handle?.cancel() }
        countSpill()
        stream = nil
        token = nil
        retries.refreshedToken = false
        retries.replacedToken = false
        retries.changedPlaceholder = false
        if phase == .calling { phase = .preparing }
        prepareCalls()
        return true
    }

    private func rewrite(for route: ModelRoute) throws(APIError) {
        try parse { (json: JSONDocument) throws(APIError) in
            if record.operation == .embeddings {
                try writeEmbeddings(try EmbeddingsRequest(json), json, to: route)
            } else {
                try write(try ChatCompletionRequest(json), json, to: route)
            }
        }
    }

    // MARK: What places hear

    /// The head of an answer is there.
    func didReceiveHead(_ head: UpstreamResponseHead, _ call: Int, _ journey: Journey) {
        let isAnswer = (200..<300).contains(head.status)
        journey.receive(status: head.status, calls[call].position, isStream: plan.isStream, at: .now())
        guard isAnswer else { return }
        hedge?.lose()
    }

    /// The client gets the first event of a stream: from now on nothing is tried again.
    func didBeginAnswer(_ journey: Journey) {
        for call in calls where !journey.isSettled(call.position) && call.head != nil {
            journey.settle(call.position, .answered, at: .now())
        }
    }

    /// A call ended with an error.
    func didEnd(_ call: Int, with error: APIError, upstreamStatus: Int?, _ journey: Journey) {
        let position = calls[call].position
        if upstreamStatus == nil { journey.correct(status: error.status, position) }
        journey.settle(position, Journey.outcome(of: error, upstreamStatus: upstreamStatus), at: .now())
    }

    /// A call ended without an answer.
    func didEnd(_ call: Int, with failure: UpstreamFailure, _ journey: Journey) {
        let (outcome, word): (PlaceState.Outcome, StaticString) =
            switch failure {
            case .unreachable: (.refused(delay: nil), "unreachable")
            case .broken, .staleConnection: (.failed, "broken")
            case .malformed: (.failed, "malformed")
            case .overloaded: (.abandoned, "overloaded")
            }
        journey.settle(calls[call].position, outcome, word: word, at: .now())
    }

    /// The request is over: calls that nobody told the end of.
    func didEndJourney(status: Int, _ journey: Journey) {
        let isAnswered = status < 400 && record.error == nil
        for call in calls where !journey.isSettled(call.position) {
            journey.settle(
                call.position, isAnswered ? .answered : .abandoned, word: isAnswered ? nil : "ended", at: .now()
            )
        }
        if calls.allSatisfy({ $0.position.leg == nil }) { release(startPosition) }
    }
}
