import NIOCore
import PolluxConfiguration
import PolluxGateway
import PolluxGoogleAuth
import PolluxJSON
import PolluxObservation
import PolluxOpenAIWire
import PolluxSSE
import PolluxSecret
import PolluxTranslation
import PolluxTransport
import Synchronization

/// What goes upstream: the calls, their heads, and the time they may take.
extension Exchange {
    /// - Parameter now: nanoseconds of the monotonic clock.
    func launch(at now: UInt64) {
        if phase == .preparing { phase = .calling }
        timings.credential = now
        extendDeadline(from: .uptimeNanoseconds(now))
        if plan.isStream {
            keepAlive = .uptimeNanoseconds(now) + .nanoseconds(gateway.streamKeepalive)
        }
        var running = 0
        for index in calls.indices where !calls[index].isDone {
            guard running < worker.limits.parallelCalls else { break }
            running += 1
            send(index)
        }
    }

    /// Sends one call's request.
    func send(_ index: Int) {
        guard phase != .done, let route = journey.map({ depart(index, $0) }) ?? route else { return }
        let call = calls[index]
        call.forgetAnswer()
        let upstream = upstreamRequest(call, route)
        relay?.begin()
        if timings.sent == 0 { timings.sent = worker.clock.latest }
        if let limit = gateway.configuration.upstream.firstByteTimeout {
            firstByteDeadline = .now() + .nanoseconds(limit)
        }
        let receiver = recorded(upstream, relay ?? self, call: index)
        let handle = worker.pool.send(upstream, to: receiver, call: index)
        if !isReading { handle.setReading(false) }
        call.handle = handle
        if let journey { watchForHedge(journey) }
    }

    func upstreamRequest(_ call: Call, _ route: ModelRoute) -> UpstreamRequest {
        worker.withHead { head in
            if let relay { relay.writeHead(route, into: &head) } else { writeHead(route, into: &head) }
            return call.request(to: route.address, &head)
        }
    }

    /// The request line and headers, as bytes.
    private func writeHead(_ route: ModelRoute, into head: inout ByteOutput) {
        if let listing {
            head.append(ModelRoute.head("GET", listing.target, at: route.address, isStream: false))
        } else if let embeddings {
            let target = "\(route.path):\(embeddings.plan.method.rawValue)"
            head.append(ModelRoute.head("POST", target, at: route.address, isStream: false))
        } else {
            head.append(plan.isStream ? route.streamHead : route.wholeHead)
        }
        writeCredential(route, into: &head)
        for header in request.headers where isForwarded(header.name) { head.appendHeader(header.name, header.value) }
        writeTrace(into: &head)
        guard plan.sharedRequestType != nil || plan.requestType != nil, route.backend.service == .vertex else { return }
        // What the client sent itself wins (TIER-002).
        for (name, value) in [
            ("x-vertex-ai-llm-shared-request-type", plan.sharedRequestType),
            ("x-vertex-ai-llm-request-type", plan.requestType),
        ] {
            if let value, request.header(name) == nil { head.appendHeader(name, value) }
        }
    }

    /// Where the upstream's own spans belong, should it make any.
    func writeTrace(into head: inout ByteOutput) {
        guard let trace = record.trace, worker.propagatesTraces else { return }
        head.appendHeader("traceparent", trace.traceparent)
        // Vendors' states belong to the client's span.
        if trace.parentID != 0, let state = request.header("tracestate") { head.appendHeader("tracestate", state) }
    }

    /// Whether our own span stands in the place of the client's.
    private func isReplaced(_ name: String) -> Bool {
        record.trace != nil && worker.propagatesTraces && (name == "traceparent" || name == "tracestate")
    }

    /// One credential, never two (AUTH-008).
    func writeCredential(_ route: ModelRoute, into head: inout ByteOutput) {
        switch route.backend.credential {
        case .none: break
        case .apiKey(let key):
            key.withText { text in
                if route.backend.kind == .openAI {
                    head.appendHeader("authorization", prefix: "Bearer ", text)
                } else {
                    head.appendHeader("x-goog-api-key", text)
                }
            }
        case .token:
            guard let token else { break }
            token.value.withText { head.appendHeader("authorization", prefix: "Bearer ", $0) }
            if let project = token.quotaProject ?? listingProject { head.appendHeader("x-goog-user-project", project) }
        case .passthrough:
            guard case .passthrough(let credential) = identity else { break }
            credential.withText { text in
                if route.backend.service == .vertex {
                    head.appendHeader("authorization", prefix: "Bearer ", text)
                    if request.header("x-goog-user-project") == nil, let listingProject {
                        head.appendHeader("x-goog-user-project", listingProject)
                    }
                } else {
                    head.appendHeader("x-goog-api-key", text)
                }
            }
        }
    }

    /// AUTH-007; Google's own headers are for Google.
    func isForwarded(_ name: String) -> Bool {
        // What nearly every request has: compared in a register, unlike the long names below.
        if name == "authorization" { return gateway.configuration.upstream.forwardHeaders.contains(name) }
        if isReplaced(name) { return false }
        return switch name {
        case _ where route?.backend.kind == .openAI: gateway.configuration.upstream.forwardHeaders.contains(name)
        case "x-goog-request-params", "x-vertex-ai-llm-request-type", "x-vertex-ai-llm-shared-request-type",
            "x-server-timeout":
            true
        case "x-goog-user-project":
            if case .passthrough = identity { true } else { false }
        default: gateway.configuration.upstream.forwardHeaders.contains(name)
        }
    }

    /// The next limit on waiting (ERR-026, STREAM-011).
    func extendDeadline(from now: NIODeadline = .now()) {
        let limit = phase == .streaming ? gateway.streamIdleTimeout : gateway.upstreamTimeout
        deadline = now + .nanoseconds(limit)
        guard let patience else { return }
        // What a client waits for: a whole answer, or the first event of a stream; then the next one.
        let start = timings.firstToken > 0 ? now : .uptimeNanoseconds(timings.received)
        deadline = min(deadline, start + patience)
    }

    /// No first byte in time: what is asked elsewhere, or again, may be faster.
    func expireFirstByte() {
        firstByteDeadline = .distantFuture
        let moves = moves
        for call in calls.indices where calls[call].handle != nil && (plan.isStream || calls[call].head == nil) {
            calls[call].handle?.cancel()
            calls[call].handle = nil
            journey?.settle(calls[call].position, .failed, word: "silent", at: .now())
            guard retry(call, after: .zero) else { return giveUp(call, Self.timedOut) }
            if self.moves != moves { return }  // All calls are made anew elsewhere.
        }
    }
}
