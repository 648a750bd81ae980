internal import PolluxJSON

/// Finds members of one or more objects by name.
///
/// Names are mostly asked for in the order in which they stand, so the search goes on where the last one
/// ended. When that does not hold and `maximumComparisons` have failed, a dictionary is made: what a
/// document costs stays proportional to its size.
struct SchemaMemberFinder {
    static let maximumComparisons = 2048

    private let first: JSONNode?
    private var others: [JSONNode] = []
    private var cursor: JSONMembers?
    private var comparisons = 0
    private var index: [String: JSONNode]?

    /// A finder in `first`, and behind it in what ``add(_:)`` adds.
    init(_ first: JSONNode?) { self.first = first }

    mutating func add(_ object: JSONNode) { others.append(object) }

    /// A finder among these members.
    init(_ members: [(key: JSONNode, value: JSONNode)], in json: borrowing JSONDocument) {
        first = nil
        var index: [String: JSONNode] = [:]
        for member in members { index[json.string(member.key)] = member.value }
        self.index = index
    }

    /// The value of the member whose name is `name`, as UTF-8 without escapes.
    mutating func find(_ name: Span<UInt8>, in json: borrowing JSONDocument) -> JSONNode? {
        if index == nil {
            guard let first else { return nil }
            guard comparisons > Self.maximumComparisons else { return search(name, in: first, of: json) }
            makeIndex(in: json)
        }
        return index?[String(copying: name)]
    }

    private mutating func search(
        _ name: Span<UInt8>, in first: JSONNode, of json: borrowing JSONDocument
    ) -> JSONNode? {
        var members = cursor ?? json.members(first)
        var found = find(name, among: &members, of: json)
        if found == nil {
            members = json.members(first)
            found = find(name, among: &members, of: json)
        }
        if let found {
            cursor = members
            return found
        }
        for other in others {
            var members = json.members(other)
            if let found = find(name, among: &members, of: json) { return found }
        }
        return nil
    }

    /// Goes on through these members, up to the one of that name.
    private mutating func find(
        _ name: Span<UInt8>, among members: inout JSONMembers, of json: borrowing JSONDocument
    ) -> JSONNode? {
        while let member = members.next(in: json) {
            if json.stringEquals(member.key, name) { return member.value }
            comparisons += 1
        }
        return nil
    }

    private mutating func makeIndex(in json: borrowing JSONDocument) {
        var index: [String: JSONNode] = [:]
        for other in others.reversed() { Self.add(other, to: &index, in: json) }
        if let first { Self.add(first, to: &index, in: json) }
        self.index = index
    }

    private static func add(
        _ object: JSONNode, to index: inout [String: JSONNode], in json: borrowing JSONDocument
    ) {
        var members = json.members(object)
        while let member = members.next(in: json) { index[json.string(member.key)] = member.value }
    }
}
