import PolluxGateway
import PolluxHTTP

/// Reads the requests of one connection, as long as one is being read: its tables take a kilobyte.
final class RequestReader {
    var framing = RequestFraming()
    /// What the last head said, where that depends on nothing but the head.
    var request: ClientRequest?
}

/// The readers of a loop that no connection needs at the moment: one that waits, or is answered, has none.
///
/// Each connection has a place here, and mostly finds its own reader again, which knows the head before. With more
/// connections than places some share one.
/// - Limit: ``places`` readers.
final class RequestReaders {
    private static let places = 64

    private var spare: [RequestReader?] = Array(repeating: nil, count: places)
    private var lastPlace = 0

    /// For a new connection.
    func nextPlace() -> Int {
        lastPlace = (lastPlace + 1) % Self.places
        return lastPlace
    }

    /// The list is taken out while it is changed, here and below: so it is not held open, and needs no check of that.
    func take(_ place: Int) -> RequestReader {
        var list: [RequestReader?] = []
        swap(&list, &spare)
        defer { swap(&list, &spare) }
        return list[place].take() ?? RequestReader()
    }

    /// - Precondition: no request has begun in it.
    func giveBack(_ reader: RequestReader, _ place: Int) {
        var list: [RequestReader?] = []
        swap(&list, &spare)
        list[place] = reader
        swap(&list, &spare)
    }
}
