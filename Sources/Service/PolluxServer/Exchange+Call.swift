import NIOCore
import PolluxJSON
import PolluxOpenAIWire
import PolluxSSE
import PolluxTransport

extension Exchange {
    /// What is kept of one upstream call.
    ///
    /// An object, whose members are changed one by one: none is held open meanwhile, so that nothing is checked for
    /// that. What is changed by others is taken out and put back.
    final class Call {
        var handle: UpstreamCall?
        /// What is sent; `nil` when it is not sent again.
        var body: UpstreamBody?
        var head: UpstreamResponseHead?
        var answer: ByteBuffer?
        var events: EventParser?
        var attempts = 0
        var staleAttempts = 0
        var isDone = false
        /// Where it is, when its model has several places.
        var position = Journey.Position()
        /// Why it has no answer, where the others' are given without it (NFAN-001).
        var failure: APIError?
        /// Whether head and answer are still in the loop's memory.
        var isBorrowed = false

        init(body: UpstreamBody? = nil) { self.body = body }

        var bodyBytes: Int { body?.count ?? 0 }

        /// What its prompt takes at most.
        var promptTokens: Int {
            guard let own = body.take() else { return 0 }
            defer { body = own }
            return TokenEstimate.prompt(own)
        }

        /// The request with this head, to which the body's length is added.
        func request(to address: UpstreamAddress, _ head: inout ByteOutput) -> UpstreamRequest {
            var own = body.take() ?? []
            defer { body = own }
            head.append("content-length: " as StaticString)
            head.append(own.count)
            head.append("\r\n\r\n" as StaticString)
            return UpstreamRequest(address: address, head: head.span, body: &own)
        }

        /// It is sent, perhaps once more: nothing is known of its answer.
        func forgetAnswer() {
            head = nil
            answer = nil
            events = nil
        }

        /// Copies head and answer, of which more is to come, out of the loop's memory.
        func keepAnswer() {
            guard isBorrowed else { return }
            isBorrowed = false
            head = head?.copied
            answer = answer.map { ByteBuffer(copying: $0.readableBytesUInt8Span) }
        }

        /// Adds to what has come of an answer that is read as a whole.
        func append(_ bytes: ByteBuffer) {
            guard var whole = answer.take() else {
                answer = bytes
                isBorrowed = true
                return
            }
            whole.writeImmutableBuffer(bytes)
            answer = whole
        }
    }
}
