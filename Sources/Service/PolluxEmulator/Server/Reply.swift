/// What goes back to the client.
struct Reply: Sendable {
    enum Body: Sendable {
        /// Sent with its length.
        case complete([UInt8])
        /// Sent piece by piece, as a stream is.
        case pieces([[UInt8]])
    }

    static let jsonType = "application/json; charset=UTF-8"
    static let eventStreamType = "text/event-stream"

    var status = 200
    var contentType = jsonType
    /// Fields of the head beside the usual ones.
    var fields: [(name: String, value: String)] = []
    var body: Body
    /// `nil` sends all of it at once.
    var delivery: Delivery?

    static func json(_ body: [UInt8], status: Int = 200) -> Reply { Reply(status: status, body: .complete(body)) }

    static func error(_ error: GoogleError, insideArray: Bool = false) -> Reply {
        Reply(status: error.code, body: .complete(error.body(insideArray: insideArray)))
    }

    static func text(_ text: String, status: Int = 200, contentType: String = "text/plain; charset=UTF-8") -> Reply {
        Reply(status: status, contentType: contentType, body: .complete(Array(text.utf8)))
    }

    /// `data: {…}` and an empty line for each event.
    static func eventStream(_ events: [[UInt8]], lineEnd: StaticString = "\r\n") -> Reply {
        let end = String(describing: lineEnd).utf8
        let pieces = events.map { Array("data: ".utf8) + $0 + end + end }
        return Reply(contentType: eventStreamType, body: .pieces(pieces))
    }

    /// An array that is sent element by element.
    static func arrayStream(_ events: [[UInt8]]) -> Reply {
        let pieces = events.enumerated().map { index, event in
            (index == 0 ? Array("[".utf8) : Array(",\r\n".utf8)) + event
        }
        return Reply(body: .pieces(pieces + [Array("]".utf8)]))
    }

    /// The body as it will be sent, piece by piece.
    var pieces: [[UInt8]] {
        switch body {
        case .complete(let bytes): [bytes]
        case .pieces(let pieces): pieces
        }
    }
}
