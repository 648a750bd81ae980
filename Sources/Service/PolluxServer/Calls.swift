/// The upstream calls of one exchange: nearly always one, which needs no list.
struct Calls: RandomAccessCollection, ExpressibleByArrayLiteral {
    private var first: Exchange.Call?
    private var others: [Exchange.Call] = []

    init() {}

    init(arrayLiteral calls: Exchange.Call...) {
        for call in calls { append(call) }
    }

    var startIndex: Int { 0 }
    var endIndex: Int { first == nil ? 0 : 1 + others.count }

    subscript(index: Int) -> Exchange.Call {
        if index == 0, let first { return first }
        return others[index - 1]
    }

    /// Without a copy of the list, which a loop makes.
    func forEach(_ body: (Exchange.Call) -> Void) {
        if let first { body(first) }
        for index in others.indices { body(others[index]) }
    }

    mutating func append(_ call: Exchange.Call) {
        if first == nil { first = call } else { others.append(call) }
    }
}
