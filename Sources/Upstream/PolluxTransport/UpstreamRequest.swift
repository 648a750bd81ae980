public import NIOCore

/// One request to an upstream. It may be sent again as long as nothing of its answer was used.
public struct UpstreamRequest: Sendable {
    public var address: UpstreamAddress
    /// Request line and headers as they travel, `POST /x HTTP/1.1\r\nhost: a\r\n…`, each line with its end; without
    /// `content-length` and the last empty line.
    public var head: ByteBuffer
    /// The body in pieces, so that long strings need not be copied together.
    public var body: [ByteBuffer]

    public init(address: UpstreamAddress, head: ByteBuffer, body: [ByteBuffer]) {
        self.address = address
        self.head = head
        self.body = body
    }

    public var bodyBytes: Int { body.reduce(0) { $0 + $1.readableBytes } }
}

/// The beginning of an upstream's answer.
public struct UpstreamResponseHead: Sendable {
    public var status: Int
    public var contentType: String?
    public var retryAfter: String?
    public var date: String?
    /// All lines as they came, from the status line to the empty line; see ``fields``.
    var block = ByteBuffer()

    public init(status: Int, contentType: String? = nil, retryAfter: String? = nil, date: String? = nil) {
        self.status = status
        self.contentType = contentType
        self.retryAfter = retryAfter
        self.date = date
    }
}

/// Why there is no answer, or no more of it.
public enum UpstreamFailure: Error, Sendable, Equatable {
    /// Refused, unreachable, name not found, TLS failed, or not connected in time.
    case unreachable(String)
    /// The connection was kept from an earlier request and had gone away: nothing was done with the request.
    case staleConnection
    /// The connection broke before the head, or inside the answer.
    case broken
    /// The answer was not HTTP.
    case malformed
    /// Too many connections wait already.
    case overloaded
}

/// Who gets an upstream's answer. All calls come on the event loop of the pool.
public protocol UpstreamReceiver: AnyObject {
    func upstream(_ call: Int, didReceive head: UpstreamResponseHead)
    func upstream(_ call: Int, didReceive bytes: ByteBuffer)
    /// All bytes of one read were handed over: time to flush what was made of them.
    func upstreamDidFinishReading(_ call: Int)
    func upstreamDidEnd(_ call: Int)
    func upstream(_ call: Int, didFailWith failure: UpstreamFailure)
}
