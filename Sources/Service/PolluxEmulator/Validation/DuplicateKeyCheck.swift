import PolluxJSON

/// Refuses an object that names a member twice, at any depth, as Google's parser does.
enum DuplicateKeyCheck {
    /// Up to this many members are compared pair by pair, without a set.
    private static let pairwiseMembers = 12

    static func check(_ node: JSONNode, of json: borrowing JSONDocument) throws(GoogleError) {
        if json.isArray(node) {
            var elements = json.elements(node)
            while let element = elements.next(in: json) { try check(element, of: json) }
        } else if json.isObject(node) {
            try checkMembers(node, of: json)
            var members = json.members(node)
            while let member = members.next(in: json) { try check(member.value, of: json) }
        }
    }

    private static func checkMembers(_ node: JSONNode, of json: borrowing JSONDocument) throws(GoogleError) {
        if json.count(node) > pairwiseMembers {
            var names: Set<String> = []
            var members = json.members(node)
            while let member = members.next(in: json) {
                let name = json.string(member.key)
                if !names.insert(name).inserted { throw duplicate(name) }
            }
            return
        }
        var members = json.members(node)
        while let member = members.next(in: json) {
            var others = members
            while let other = others.next(in: json) {
                if json.areEqual(member.key, other.key) { throw duplicate(json.string(member.key)) }
            }
        }
    }

    private static func duplicate(_ name: String) -> GoogleError {
        .invalid("Invalid JSON payload received. Duplicate key \(name).")
    }
}
