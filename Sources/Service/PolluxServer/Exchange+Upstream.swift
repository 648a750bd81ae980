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
    func launch() {
        if phase == .preparing { phase = .calling }
        record.timings.credential = worker.now
        extendDeadline()
        if plan.isStream {
            keepAlive = .now() + .nanoseconds(gateway.configuration.stream.keepalive)
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
        calls[index].head = nil
        calls[index].answer = nil
        calls[index].events = nil
        let upstream = upstreamRequest(index, route)
        relay?.begin()
        if record.timings.sent == 0 { record.timings.sent = worker.now }
        if let limit = gateway.configuration.upstream.firstByteTimeout {
            firstByteDeadline = .now() + .nanoseconds(limit)
        }
        let receiver = recorded(upstream, relay ?? self, call: index)
        let handle = worker.pool.send(upstream, to: receiver, call: index)
        if !isReading { handle.setReading(false) }
        calls[index].handle = handle
        if let journey { watchForHedge(journey) }
    }

    func upstreamRequest(_ call: Int, _ route: ModelRoute) -> UpstreamRequest {
        var head = ByteBuffer()
        swap(&head, &worker.head)  // The loop's own memory, taken out while it is written.
        head.clear()
        if let relay { relay.writeHead(route, into: &head) } else { writeHead(route, into: &head) }
        defer { swap(&head, &worker.head) }
        return UpstreamRequest(address: route.address, head: &head, body: &calls[call].body)
    }

    /// The request line and headers, as bytes.
    private func writeHead(_ route: ModelRoute, into head: inout ByteBuffer) {
        head.writeStaticString(listing == nil ? "POST " : "GET ")
        head.writeString(listing?.target ?? route.path)
        if let embeddings {
            head.writeStaticString(":")
            head.writeString(embeddings.plan.method.rawValue)
        } else if listing == nil {
            head.writeStaticString(plan.isStream ? ":streamGenerateContent?alt=sse" : ":generateContent")
        }
        head.writeStaticString(" HTTP/1.1\r\nhost: ")
        head.writeString(route.address.authority)
        head.writeStaticString("\r\ncontent-type: application/json\r\naccept: ")
        head.writeStaticString(plan.isStream ? "text/event-stream" : "application/json")
        head.writeStaticString("\r\nuser-agent: pollux\r\n")
        writeCredential(route, into: &head)
        for header in request.headers where isForwarded(header.name) { head.writeHeader(header.name, header.value) }
        writeTrace(into: &head)
        if route.backend.service == .vertex {
            // What the client sent itself wins (TIER-002).
            for (name, value) in [
                ("x-vertex-ai-llm-shared-request-type", plan.sharedRequestType),
                ("x-vertex-ai-llm-request-type", plan.requestType),
            ] {
                if let value, request.header(name) == nil { head.writeHeader(name, value) }
            }
        }
    }

    /// Where the upstream's own spans belong, should it make any.
    func writeTrace(into head: inout ByteBuffer) {
        guard let trace = record.trace, worker.propagatesTraces else { return }
        head.writeHeader("traceparent", trace.traceparent)
        if let state = request.header("tracestate") { head.writeHeader("tracestate", state) }
    }

    /// Whether our own span stands in the place of the client's.
    private func isReplaced(_ name: String) -> Bool {
        record.trace != nil && worker.propagatesTraces && (name == "traceparent" || name == "tracestate")
    }

    /// One credential, never two (AUTH-008).
    func writeCredential(_ route: ModelRoute, into head: inout ByteBuffer) {
        switch route.backend.credential {
        case .none: break
        case .apiKey(let key):
            key.withText { text in
                if route.backend.kind == .openAI {
                    head.writeHeader("authorization", prefix: "Bearer ", text)
                } else {
                    head.writeHeader("x-goog-api-key", text)
                }
            }
        case .token:
            guard let token else { break }
            token.value.withText { head.writeHeader("authorization", prefix: "Bearer ", $0) }
            if let project = token.quotaProject ?? listingProject { head.writeHeader("x-goog-user-project", project) }
        case .passthrough:
            guard case .passthrough(let credential) = identity else { break }
            credential.withText { text in
                if route.backend.service == .vertex {
                    head.writeHeader("authorization", prefix: "Bearer ", text)
                    if request.header("x-goog-user-project") == nil, let listingProject {
                        head.writeHeader("x-goog-user-project", listingProject)
                    }
                } else {
                    head.writeHeader("x-goog-api-key", text)
                }
            }
        }
    }

    /// AUTH-007; Google's own headers are for Google.
    func isForwarded(_ name: String) -> Bool {
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
        let limit =
            phase == .streaming ? gateway.configuration.stream.idleTimeout : gateway.configuration.upstream.timeout
        deadline = now + .nanoseconds(limit)
        guard let patience else { return }
        // What a client waits for: a whole answer, or the first event of a stream; then the next one.
        let start = record.timings.firstToken > 0 ? now : .uptimeNanoseconds(record.timings.received)
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
