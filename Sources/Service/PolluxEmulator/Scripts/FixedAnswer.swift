/// An answer that was written down before.
struct FixedAnswer: Sendable {
    enum Content: Sendable {
        /// The text of a candidate; usage and all else is made up around it.
        case text(String)
        /// A whole body, or a stream's only event.
        case body([UInt8])
        /// A stream's events; a whole answer takes the last one.
        case events([[UInt8]])
        /// Bytes of a stream, sent as they are.
        case stream([UInt8])
    }

    var status = 200
    var contentType: String?
    var fields: [(name: String, value: String)] = []
    var content: Content

    /// The reply to a request that would have got `usual`.
    func reply(insteadOf usual: Reply) -> Reply {
        var reply = usual
        reply.status = status
        reply.fields += fields
        // A refusal is never a stream.
        let isRefusal = status >= 400
        let isEventStream = usual.contentType == Reply.eventStreamType && !isRefusal
        let isStream = if case .pieces = usual.body { !isRefusal } else { false }
        if isRefusal { reply.contentType = Reply.jsonType }
        switch content {
        case .text: break
        case .body(let body): reply.body = Self.body(of: [body], isEventStream: isEventStream, isStream: isStream)
        case .events(let events):
            reply.body = Self.body(of: events, isEventStream: isEventStream, isStream: isStream)
        case .stream(let bytes):
            reply.contentType = Reply.eventStreamType
            reply.body = .pieces(Self.split(bytes))
        }
        if let contentType { reply.contentType = contentType }
        return reply
    }

    private static func body(of events: [[UInt8]], isEventStream: Bool, isStream: Bool) -> Reply.Body {
        if isEventStream { return Reply.eventStream(events).body }
        if isStream { return Reply.arrayStream(events).body }
        return .complete(events.last ?? [])
    }

    /// The bytes of a stream, event by event: each ends behind an empty line.
    private static func split(_ bytes: [UInt8]) -> [[UInt8]] {
        var pieces: [[UInt8]] = []
        var start = 0
        var lineStart = 0
        for at in bytes.indices where bytes[at] == UInt8(ascii: "\n") {
            let isEmpty = at == lineStart || at == lineStart + 1 && bytes[lineStart] == UInt8(ascii: "\r")
            if isEmpty {
                pieces.append(Array(bytes[start...at]))
                start = at + 1
            }
            lineStart = at + 1
        }
        if start < bytes.count { pieces.append(Array(bytes[start...])) }
        return pieces
    }
}
