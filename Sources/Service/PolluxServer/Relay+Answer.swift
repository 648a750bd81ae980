import NIOCore
import PolluxJSON
import PolluxObservation
import PolluxOpenAIWire
import PolluxRelay
import PolluxTranslation
import PolluxTransport

/// Whole answers.
extension Relay {
    /// Sends the container's own bytes, unless they must be repaired (SELF-030, SELF-031) or are none of an answer:
    /// something in between said them, or they tell an error.
    func finishAnswer(_ head: UpstreamResponseHead) {
        let answer = exchange.calls[0].answer ?? ByteBuffer()
        guard answer.readableBytes > 0 else { return exchange.didReceive(Exchange.emptyAnswer, 0) }
        let worker = exchange.worker
        let bytes = answer.readableBytesUInt8Span
        var repair = AnswerRepair(settings, model: model, isStream: false)
        worker.withOutput { output in
            var isChanged = false
            let failure = exchange.readAnswer(bytes, ContainerError.translate(event:credential:)) { json in
                guard json.isObject(.root) else { return Exchange.invalidAnswer }
                if repair.isNeeded {
                    isChanged = worker.withIdentifiers { repair.write(json, identifiers: &$0, into: &output) }
                }
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
        let own = exchange.ownHeaders
        let relayed = relayedHeaders(head).filter { header in !own.contains { $0.0 == header.0 } }
        client.respond(head.status, headers: relayed + own, body: body)
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
