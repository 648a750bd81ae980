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
        facts = exchange.worker.withAnswerTape { AnswerFacts(of: answer.readableBytesUInt8Span, tape: &$0) }
        respond(head, answer.readableBytesUInt8Span)
    }

    private func finishAnswer(_ head: UpstreamResponseHead, _ answer: ByteBuffer, _ repair: AnswerRepair) {
        let worker = exchange.worker
        let bytes = answer.readableBytesUInt8Span
        worker.withOutput { output in
            var isChanged = false
            let failure = exchange.readAnswer(bytes, ContainerError.translate(event:credential:)) { json in
                guard json.isObject(.root) else { return Exchange.invalidAnswer }
                var repair = repair
                isChanged = worker.withIdentifiers { repair.write(json, identifiers: &$0, into: &output) }
                facts.note(json, choicesWithCalls: repair.choicesWithCalls)
                return nil
            }
            if let failure { return exchange.didReceive(failure, 0) }
            if isChanged { respond(head, output.output.span) } else { respond(head, bytes) }
        }
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
