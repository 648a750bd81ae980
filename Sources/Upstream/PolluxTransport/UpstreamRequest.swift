public import NIOCore

/// One request to an upstream, as it travels: head and body.
public struct UpstreamRequest: Sendable {
    public var address: UpstreamAddress
    /// The head, and what of the body stands in the same memory.
    let first: ByteBuffer
    let rest: [ByteBuffer]
    private let headBytes: Int

    /// - Parameters:
    ///   - head: request line and headers with `content-length`, each line with its end, and the last empty line.
    ///   - body: keeps its bytes, to be sent again as long as nothing of an answer was used.
    public init(address: UpstreamAddress, head: Span<UInt8>, body: inout UpstreamBody) {
        self.address = address
        headBytes = head.count
        (first, rest) = body.pieces(behind: head)
    }

    /// A copy, for whoever wants to look at it.
    public var headAndBody: (head: [UInt8], body: [UInt8]) {
        let all = Array(first.readableBytesView) + rest.flatMap { Array($0.readableBytesView) }
        return (Array(all[..<headBytes]), Array(all[headBytes...]))
    }
}

/// The beginning of an upstream's answer.
public struct UpstreamResponseHead: Sendable {
    public let status: Int
    /// All lines as they came, from the status line to the empty line; see ``fields``.
    let block: ByteBuffer
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
///
/// Heads and bytes are in the memory that the loop reads into (``ReadMemory``). What is to stay when a read was handed
/// over is copied, at the latest in ``upstreamDidFinishReading(_:)``.
public protocol UpstreamReceiver: AnyObject {
    func upstream(_ call: Int, didReceive head: UpstreamResponseHead)
    func upstream(_ call: Int, didReceive bytes: ByteBuffer)
    /// All bytes of one read were handed over: time to flush what was made of them.
    func upstreamDidFinishReading(_ call: Int)
    func upstreamDidEnd(_ call: Int)
    func upstream(_ call: Int, didFailWith failure: UpstreamFailure)
}
