import NIOCore
import PolluxConfiguration
import PolluxGateway
import PolluxHTTP
import PolluxObservation
import PolluxOpenAIWire
import PolluxTranslation

/// Requests that are answered before they were read, and end their connection.
extension ClientHandler {
    /// The body is too large (GEN-010): answered as every request is, but before it was read.
    func refuseBody(of head: borrowing RequestHead, _ limit: Int) {
        keepsAlive = false
        let exchange = Exchange(client: self, worker: worker, request: request(with: head), body: ByteBuffer())
        state = .answering(exchange)
        exchange.refuse(Exchange.tooLarge(limit))
    }

    /// The client left in the middle of its request: what had come of it is told as of every other.
    func leave(_ body: ByteBuffer?, of head: borrowing RequestHead) {
        Exchange(client: self, worker: worker, request: request(with: head), body: body ?? ByteBuffer()).leave()
    }

    /// Answers before a request was read, and ends the connection when the client has sent it all.
    func refuse(_ error: APIError) {
        keepsAlive = false
        let body = error.body(isListed: worker.gateway.configuration.errors.googleListWrapper)
        var record = RequestRecord()
        record.requestID = worker.withIdentifiers { $0.uuid() }
        record.status = error.status
        record.error = error.code ?? error.kind.rawValue
        record.bytesOut = body.count
        record.endedAt = worker.clock.nanoseconds
        let requestID = record.requestID
        worker.finish(record)
        respond(error, headers: [("x-request-id", requestID)], body: body)
    }

    /// What is not HTTP gets an answer, and the connection's end; nothing is read behind it.
    func refuse(_ error: RequestError) {
        if case .idle = state { isHead = false }  // The head was never complete.
        refuse(APIError(status: error.status, kind: .invalidRequest, message: error.message, code: "invalid_http"))
    }
}
