import NIOCore
import PolluxJSON
import PolluxObservation
import PolluxOpenAIWire
import PolluxRelay
import PolluxTranslation
import PolluxTransport

/// Whole answers.
extension Relay {
    /// Sends the container's own bytes, unless they must be repaired (SELF-030, SELF-031).
    func finishAnswer(_ head: UpstreamResponseHead) {
        let answer = exchange.calls[0].answer ?? ByteBuffer()
        guard answer.readableBytes > 0 else { return exchange.didReceive(Exchange.emptyAnswer, 0) }
        let repair = AnswerRepair(settings, model: model, isStream: false)
        if repair.isNeeded { return finishAnswer(head, answer, repair) }
        facts = AnswerFacts(of: answer.readableBytesUInt8Span, tape: &exchange.worker.answerTape)
        respond(head, answer.readableBytesUInt8Span)
    }

    private func finishAnswer(_ head: UpstreamResponseHead, _ answer: ByteBuffer, _ repair: AnswerRepair) {
        var repair = repair
        let worker = exchange.worker
        var tape = JSONTape()
        swap(&tape, &worker.answerTape)
        defer { swap(&tape, &worker.answerTape) }
        let bytes = answer.readableBytesUInt8Span
        guard (try? tape.parse(bytes, limits: JSONLimits(acceptsLoneSurrogates: true))) != nil else {
            return exchange.didReceive(Exchange.invalidAnswer, 0)
        }
        let json = tape.document(of: bytes)
        if UpstreamError.isError(json) {  // An error at 200.
            let error = ContainerError.translate(event: json, credential: exchange.credentialOwner)
            return exchange.didReceive(error, 0)
        }
        guard json.isObject(.root) else { return exchange.didReceive(Exchange.invalidAnswer, 0) }
        // Taken out while it is sent: the client's next request may be answered before this returns.
        var output = JSONWriter(minimumCapacity: 0)
        swap(&output, &worker.output)
        output.removeAll()
        let isChanged = repair.write(json, identifiers: &worker.identifiers, into: &output)
        facts.note(json, choicesWithCalls: repair.choicesWithCalls)
        if isChanged { respond(head, output.output.span) } else { respond(head, bytes) }
        output.output.shrink(to: 1 << 20)
        swap(&output, &worker.output)
    }

    private func respond(_ head: UpstreamResponseHead, _ body: Span<UInt8>) {
        let client = exchange.client
        exchange.record.bytesOut = body.count
        exchange.end(status: head.status)
        let headers = relayedHeaders(head) + exchange.ownHeaders
        client.respond(head.status, headers: headers, body: body)
    }

    /// The upstream's headers, but for those that the gateway has to say itself.
    private func relayedHeaders(_ head: UpstreamResponseHead) -> [(String, String)] {
        var headers: [(String, String)] = []
        var hasType = false
        for field in head.endToEndFields where !Self.isOwn(field.name) {
            headers.append((field.name, field.value))
            if field.name == "content-type" { hasType = true }
        }
        return hasType ? headers : headers + [("content-type", "application/json")]
    }

    /// `set-cookie` would tie clients of the gateway to one of its own connections, and to each other.
    private static func isOwn(_ name: String) -> Bool {
        switch name {
        case "date", "server", "x-request-id", "set-cookie", "alt-svc", "strict-transport-security": true
        default: name.hasPrefix("access-control-")
        }
    }
}
