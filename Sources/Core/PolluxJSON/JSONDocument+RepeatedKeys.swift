/// Members with the same name: JSON allows them, Google's parser refuses them (400 "Duplicate key").
extension JSONDocument {
    /// Objects up to this size are compared pair by pair; in larger ones names are put into a set.
    private static var maximumPairs: Int { 16 }

    /// Whether any object of the value has two members with the same name.
    public func repeatsKeys(_ node: JSONNode) -> Bool {
        // Most values are small: often no two of all their names look alike.
        var seen: UInt64 = 0
        for index in Int(node.index)..<Int(entry(node).next) {
            let entry = entries[index]
            if entry.flags & JSONEntry.key == 0 { continue }
            let mark = mark(of: entry)
            if seen & mark != 0 { return hasRepeatedKey(node) }
            seen |= mark
        }
        return false
    }

    private func hasRepeatedKey(_ node: JSONNode) -> Bool {
        switch kind(node) {
        case .array:
            var elements = self.elements(node)
            while let element = elements.next(in: self) {
                if hasRepeatedKey(element) { return true }
            }
            return false
        case .object:
            var members = self.members(node)
            var count = 0
            var seen: UInt64 = 0
            var mayRepeat = false
            while let member = members.next(in: self) {
                let mark = mark(of: entry(member.key))
                if seen & mark != 0 {
                    mayRepeat = true
                    if count < Self.maximumPairs, isKey(member.key, amongFirst: count, of: node) { return true }
                }
                seen |= mark
                if hasRepeatedKey(member.value) { return true }
                count += 1
            }
            return mayRepeat && count > Self.maximumPairs && repeatsNames(node)
        default: return false
        }
    }

    /// One bit of 64, the same for the same name.
    private func mark(of entry: JSONEntry) -> UInt64 {
        if entry.flags & JSONEntry.escaped != 0 { return .max }  // It may be any.
        let start = Int(entry.offset)
        let length = Int(entry.length)
        guard length > 0 else { return 1 }
        let mixed = Int(bytes[start]) &* 5 ^ Int(bytes[start &+ length &- 1]) &* 11 ^ length
        return 1 &<< UInt64(truncatingIfNeeded: mixed)
    }

    /// Whether one of the first `count` members has this key's name.
    private func isKey(_ key: JSONNode, amongFirst count: Int, of object: JSONNode) -> Bool {
        var members = self.members(object)
        for _ in 0..<count {
            if let other = members.next(in: self), areEqual(other.key, key) { return true }
        }
        return false
    }

    private func repeatsNames(_ object: JSONNode) -> Bool {
        var names: Set<String> = []
        var members = self.members(object)
        while let member = members.next(in: self) {
            if !names.insert(string(member.key)).inserted { return true }
        }
        return false
    }
}

extension JSONWriter {
    /// Copies a value of a document whose bytes are about to go away. Of members with the same name the last is copied.
    ///
    /// - Returns: whether names were repeated.
    @discardableResult
    public mutating func copyOnce(_ node: JSONNode, of json: borrowing JSONDocument) -> Bool {
        let threshold = spliceThreshold
        spliceThreshold = .max
        defer { spliceThreshold = threshold }
        guard json.repeatsKeys(node) else {
            copy(node, of: json)
            return false
        }
        copyLast(node, of: json)
        return true
    }

    private mutating func copyLast(_ node: JSONNode, of json: borrowing JSONDocument) {
        switch json.kind(node) {
        case .array:
            beginArray()
            var elements = json.elements(node)
            while let element = elements.next(in: json) { copyLast(element, of: json) }
            endArray()
        case .object:
            var last: [String: JSONNode] = [:]
            var members = json.members(node)
            while let member = members.next(in: json) { last[json.string(member.key)] = member.key }
            beginObject()
            members = json.members(node)
            while let member = members.next(in: json) {
                guard last[json.string(member.key)] == member.key else { continue }
                key(copying: member.key, of: json)
                copyLast(member.value, of: json)
            }
            endObject()
        default: copy(node, of: json)
        }
    }
}
