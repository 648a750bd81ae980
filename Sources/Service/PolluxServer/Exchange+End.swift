import NIOCore
import PolluxConfiguration
import PolluxGateway
import PolluxGoogleAuth
import PolluxObservation
import PolluxOpenAIWire
import PolluxTranslation
import PolluxTransport

/// The ends an exchange can come to.
extension Exchange {
    /// Ends with an error: an HTTP error before the first chunk, the stream's last event after it
    /// (STREAM-004, STREAM-060).
    func fail(_ error: APIError, headers: [(String, String)] = []) {
        guard phase != .done, !answerFromOldList() else { return }
        let error = tellingForm(embeddings == nil ? error : error.aboutInput)
        let wasStreaming = phase == .streaming
        record.error = error.code ?? error.kind.rawValue
        record.isTruncated = hasAnswered
        if !wasStreaming {
            let body = error.body(isListed: gateway.configuration.errors.googleListWrapper)
            record.bytesOut = body.count
            end(status: error.status)
            return client.respond(error, headers: headers + ownHeaders, body: body)
        }
        rememberUnfinished()
        let body = Array("data: ".utf8) + error.body() + Array("\n\n".utf8)
        record.bytesOut += body.count
        end(status: 200)
        client.writeStream(body.span)
        client.finishStream()
    }

    /// An answer that could not be read, or held nothing, with what came in its place: a page, or compressed bytes.
    private func tellingForm(_ error: APIError) -> APIError {
        guard error.code == Self.invalidAnswer.code || error.code == Self.emptyAnswer.code else { return error }
        for call in calls {
            guard let form = call.head?.unaskedForm else { continue }
            var error = error
            error.message = "The upstream's answer could not be read: it came as \(APIError.shortened(form, to: 100))."
            return error
        }
        return error
    }

    /// Whose time it took, as far as that is known; `nil` when the operator keeps it to himself.
    var toldTimings: RequestRecord.Timings? { gateway.configuration.serverTiming ? timings : nil }

    /// Headers that every answer has.
    var ownHeaders: [(String, String)] {
        var headers = [("x-request-id", requestID)]
        if let toldTimings { headers.append(("server-timing", toldTimings.serverTiming)) }
        if let explanation { headers.append(("x-pollux-notes", explanation)) }
        if let journey { headers.append(("x-pollux-route", journey.header)) }
        if let rates { headers += rates.list }
        return headers
    }

    func respond(_ status: Int, json: String) {
        record.bytesOut = json.utf8.count
        end(status: status)
        client.respond(
            status, headers: [("content-type", "application/json")] + ownHeaders,
            body: Array(json.utf8).span
        )
    }

    /// Tells a browser what its page may send (EP-012); nobody needs a key for that.
    func permit() {
        worker.didStart(self)
        end(status: 200)
        client.respond(
            200, headers: [("x-request-id", requestID)] + CrossOrigin.permissions,
            body: ByteBuffer().readableBytesUInt8Span)
    }

    private static let keysUnknown = APIError(
        status: 503, kind: .server, message: "The store of keys could not be read yet.", code: "service_unavailable",
        retryAfter: .seconds(1)
    )

    /// EP-009: ready when every backend's token could be had, and keys can be checked.
    func answerReadiness() {
        if worker.isDraining { return fail(Self.shuttingDown) }
        for backend in gateway.backends {
            if case .token(let cache) = backend.credential, cache.usableToken() == nil {
                // One question is enough: more would only wait with it.
                if !cache.status.isRefreshing { warm(cache) }
                return fail(
                    APIError(
                        status: 503, kind: .server,
                        message: "No access token could be obtained for backend '\(backend.name)' yet.",
                        code: "service_unavailable", retryAfter: .seconds(1)
                    )
                )
            }
        }
        guard gateway.authentication.mode != .gateway || worker.keys.ring.isComplete else {
            return fail(Self.keysUnknown)
        }
        let reloads = worker.reloads.status
        let store = worker.storeState.map { ",\"store\":\"\($0())\"" } ?? ""
        respond(
            200,
            json: """
                {"status":"ok","configuration":{"generation":\(reloads.generation),"loaded_at":\(reloads.loadedAt),\
                "refused":\(reloads.isRefused)}\(store)}
                """)
    }

    private func warm(_ cache: TokenCache) {
        // A task of its own: the token outlives the question. A failure shows in the next answer.
        Task { _ = try? await cache.token() }
    }

    /// Ends before it was begun: the client has left in the middle of its request.
    func leave() {
        worker.didStart(self)
        clientDidLeave()
    }

    /// STREAM-009: nothing more is wanted, so nothing more is made.
    func clientDidLeave() {
        guard phase != .done else { return }
        record.isTruncated = hasAnswered
        rememberUnfinished()
        end(status: 499)
    }

    /// Some clients leave as soon as they have a call, and go on with it: its signature is kept all the same (SIG-010).
    private func rememberUnfinished() {
        if let stream, stream.translator.hasWritten { remember(stream.translator.rememberedSoFar) }
    }

    /// STREAM-010: a client that does not read stops the upstream's reading.
    func clientIsWritable(_ isWritable: Bool) {
        guard phase == .streaming, isReading != isWritable else { return }
        isReading = isWritable
        for call in calls { call.handle?.setReading(isWritable) }
        if isWritable { extendDeadline() }
    }

    /// Looks at the clock: deadlines and the keep-alive comment.
    func check(_ now: NIODeadline) {
        guard phase != .done else { return }
        if phase == .waiting { return now >= deadline ? fail(Self.overloaded) : () }
        if now >= firstByteDeadline { return expireFirstByte() }
        if now >= deadline, isReading { return relay?.endedByTime() == true ? () : fail(Self.timedOut) }
        guard now >= keepAlive else { return }
        keepAlive = now + .nanoseconds(gateway.streamKeepalive)
        sendKeepAlive()
    }

    /// The process is going down and did not wait any longer.
    func abandon() { fail(Self.shuttingDown) }

    /// Whatever happens next, this exchange is over.
    func end(status: Int) {
        if phase == .streaming { worker.openStreams -= 1 }
        if phase == .waiting { worker.admission.stopWaiting() }
        phase = .done
        hedge?.lose()
        hedge = nil
        if let journey { didEndJourney(status: status, journey) }
        calls.forEach { $0.handle?.cancel() }
        forgetRequest()
        if let stream { note(stream) }
        if let relay { note(relay) }
        settle()
        calls = []
        stream = nil
        relay = nil
        if isAdmitted { worker.admission.leave() }
        worker.didFinish(self)
        timings.end = worker.now
        // Given away, because a record is dear to copy; what the answer's head still tells stays beside it.
        var finished = RequestRecord()
        swap(&finished, &record)
        finished.requestID = requestID
        finished.status = status
        finished.notes = explanation
        finished.timings = timings
        finished.endedAt = worker.clock.nanoseconds
        worker.finish(finished)
    }

    // MARK: Errors of our own

    static var notJSON: APIError {
        .badRequest("We could not parse the JSON body of your request.", param: nil, code: nil)
    }

    static var timedOut: APIError {
        APIError(status: 504, kind: .server, message: "The upstream did not answer in time.", code: "upstream_timeout")
    }

    static var invalidAnswer: APIError {
        APIError(
            status: 502, kind: .server, message: "The upstream's answer could not be read.",
            code: "upstream_invalid_response"
        )
    }

    static var emptyAnswer: APIError {
        APIError(
            status: 502, kind: .server, message: "The upstream's answer was empty.", code: "upstream_empty_response"
        )
    }

    static var incompleteStream: APIError {
        APIError(
            status: 502, kind: .server, message: "The upstream's stream ended before the answer was complete.",
            code: "upstream_stream_incomplete"
        )
    }

    static var shuttingDown: APIError {
        APIError(
            status: 503, kind: .server, message: "The gateway is shutting down.", code: "service_unavailable",
            retryAfter: .seconds(1)
        )
    }

    static func tooLarge(_ limit: Int) -> APIError {
        APIError(
            status: 413, kind: .invalidRequest, message: "The request body is too large: the limit is \(limit) bytes.",
            code: "request_too_large"
        )
    }

    static func tooLargeForFanOut(_ count: Int) -> APIError {
        APIError(
            status: 413, kind: .invalidRequest, message: "The request is too large to be sent \(count) times.",
            param: "n", code: "request_too_large"
        )
    }

    static var overloaded: APIError {
        APIError(
            status: 503, kind: .server, message: "The gateway is busy. Please try again.", code: "server_overloaded",
            retryAfter: .seconds(1)
        )
    }

    static func error(_ failure: UpstreamFailure) -> APIError {
        switch failure {
        case .overloaded: overloaded
        case .malformed: invalidAnswer
        case .unreachable(let reason):
            APIError(
                status: 502, kind: .server, message: "The upstream could not be reached: \(reason).",
                code: "upstream_unreachable"
            )
        case .staleConnection, .broken:
            APIError(
                status: 502, kind: .server, message: "The connection to the upstream broke.",
                code: "upstream_unreachable"
            )
        }
    }
}
