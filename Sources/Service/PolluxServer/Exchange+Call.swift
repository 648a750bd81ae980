import NIOCore
import PolluxOpenAIWire
import PolluxSSE
import PolluxTransport

extension Exchange {
    /// What is kept of one upstream call.
    struct Call {
        var handle: UpstreamCall?
        var body: UpstreamBody = []
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

        /// It is sent, perhaps once more: nothing is known of its answer.
        mutating func forgetAnswer() {
            head = nil
            answer = nil
            events = nil
        }

        /// Copies head and answer, of which more is to come, out of the loop's memory.
        mutating func keepAnswer() {
            guard isBorrowed else { return }
            isBorrowed = false
            head = head?.copied
            answer = answer.map { ByteBuffer(copying: $0.readableBytesUInt8Span) }
        }

        /// Adds to what has come of an answer that is read as a whole.
        mutating func append(_ bytes: ByteBuffer) {
            guard answer != nil else {
                answer = bytes
                isBorrowed = true
                return
            }
            answer?.writeImmutableBuffer(bytes)
        }
    }
}
