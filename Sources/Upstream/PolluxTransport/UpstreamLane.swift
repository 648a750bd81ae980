/// The connections of one loop to one address.
final class UpstreamLane {
    let address: UpstreamAddress
    /// Those that wait for a request, the one used last at the end.
    private(set) var idle: [UpstreamConnection] = []
    /// All of them.
    var count = 0

    init(address: UpstreamAddress) { self.address = address }

    /// Takes the one that was used last.
    ///
    /// The list is taken out while it is changed, here and below: so it is not held open, and needs no check of that.
    func takeIdle() -> UpstreamConnection? {
        var list: [UpstreamConnection] = []
        swap(&list, &idle)
        let last = list.popLast()
        swap(&list, &idle)
        return last
    }

    /// Takes those of which this is so.
    func takeIdle(where isTaken: (UpstreamConnection) -> Bool) -> [UpstreamConnection] {
        let taken = idle.filter(isTaken)
        if !taken.isEmpty { idle = idle.filter { connection in !taken.contains { $0 === connection } } }
        return taken
    }

    /// Keeps one that waits for its next request.
    func keep(_ connection: UpstreamConnection) {
        var list: [UpstreamConnection] = []
        swap(&list, &idle)
        list.append(connection)
        swap(&list, &idle)
    }
}
