import PolluxHTTP

/// Reads the requests of one connection, as long as one is being read: its tables take a kilobyte.
final class RequestReader {
    var framing = RequestFraming()
}

/// The readers of a loop that no connection needs at the moment: one that waits, or is answered, has none.
struct RequestReaders {
    private static let maximumSpare = 64

    private var spare: [RequestReader] = []

    mutating func take() -> RequestReader { spare.popLast() ?? RequestReader() }

    /// - Precondition: no request has begun in it.
    mutating func giveBack(_ reader: RequestReader) {
        if spare.count < Self.maximumSpare { spare.append(reader) }
    }
}
