import PolluxHTTP

/// Reads the requests of one connection, as long as one is being read: its tables take a kilobyte.
final class RequestReader {
    var framing = RequestFraming()
}

/// The readers of a loop that no connection needs at the moment: one that waits, or is answered, has none.
final class RequestReaders {
    private static let maximumSpare = 64

    private var spare: [RequestReader] = []

    /// The list is taken out while it is changed, here and below: so it is not held open, and needs no check of that.
    func take() -> RequestReader {
        var list: [RequestReader] = []
        swap(&list, &spare)
        defer { swap(&list, &spare) }
        return list.popLast() ?? RequestReader()
    }

    /// - Precondition: no request has begun in it.
    func giveBack(_ reader: RequestReader) {
        var list: [RequestReader] = []
        swap(&list, &spare)
        if list.count < Self.maximumSpare { list.append(reader) }
        swap(&list, &spare)
    }
}
