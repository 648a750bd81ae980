/// What goes back to the client.
struct Reply: Sendable {
    enum Body: Sendable {
        /// Sent with its length.
        case complete([UInt8])
        /// Sent piece by piece, as a stream is.
        case pieces([[UInt8]])
    }

    var status = 200
    var contentType = "application/json; charset=UTF-8"
    var body: Body

    static func json(_ body: [UInt8]) -> Reply { Reply(body: .complete(body)) }

    static func error(_ error: GoogleError, insideArray: Bool = false) -> Reply {
        Reply(status: error.code, body: .complete(error.body(insideArray: insideArray)))
    }

    /// `data: {…}` and an empty line for each event.
    static func eventStream(_ events: [[UInt8]]) -> Reply {
        let pieces = events.map { Array("data: ".utf8) + $0 + Array("\r\n\r\n".utf8) }
        return Reply(contentType: "text/event-stream", body: .pieces(pieces))
    }

    /// An array that is sent element by element.
    static func arrayStream(_ events: [[UInt8]]) -> Reply {
        let pieces = events.enumerated().map { index, event in
            (index == 0 ? Array("[".utf8) : Array(",\r\n".utf8)) + event
        }
        return Reply(body: .pieces(pieces + [Array("]".utf8)]))
    }
}
