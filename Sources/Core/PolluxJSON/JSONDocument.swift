/// A parsed document: the bytes, and the tape that says where each value stands.
///
/// The document borrows both. It cannot outlive them, which the compiler checks, so reading it copies
/// nothing and counts no references.
///
/// ```swift
/// var tape = JSONTape()
/// try tape.parse(bytes)
/// let json = tape.document(of: bytes)
/// if let model = json.member("model", of: .root) { print(json.string(model)) }
/// ```
public struct JSONDocument: ~Escapable {
    public let bytes: Span<UInt8>
    @usableFromInline let entries: Span<JSONEntry>

    @_lifetime(copy bytes, copy entries)
    @inlinable
    init(bytes: Span<UInt8>, entries: Span<JSONEntry>) {
        self.bytes = bytes
        self.entries = entries
    }

    // MARK: Kinds

    @inlinable
    func entry(_ node: JSONNode) -> JSONEntry { entries[Int(node.index)] }

    @inlinable
    public func kind(_ node: JSONNode) -> JSONKind { entry(node).kind }

    @inlinable public func isNull(_ node: JSONNode) -> Bool { kind(node) == .null }
    @inlinable public func isString(_ node: JSONNode) -> Bool { kind(node) == .string }
    @inlinable public func isNumber(_ node: JSONNode) -> Bool { kind(node) == .number }
    @inlinable public func isArray(_ node: JSONNode) -> Bool { kind(node) == .array }
    @inlinable public func isObject(_ node: JSONNode) -> Bool { kind(node) == .object }

    /// The value of `true` or `false`; `nil` for anything else.
    @inlinable
    public func boolean(_ node: JSONNode) -> Bool? {
        switch kind(node) {
        case .true: true
        case .false: false
        default: nil
        }
    }

    // MARK: Bytes

    /// Where the value's own text stands in ``bytes``; of a string, without its quotes.
    @inlinable
    public func range(_ node: JSONNode) -> Range<Int> {
        let entry = self.entry(node)
        return Int(entry.offset)..<Int(entry.offset) + Int(entry.length)
    }

    /// Where the value stands in ``bytes``; of a string, with its quotes.
    @inlinable
    public func outerRange(_ node: JSONNode) -> Range<Int> {
        let range = self.range(node)
        return isString(node) ? range.lowerBound - 1..<range.upperBound + 1 : range
    }

    /// The value's own text; of a string, still escaped and without its quotes.
    @_lifetime(copy self)
    @inlinable
    public func raw(_ node: JSONNode) -> Span<UInt8> { bytes.extracting(range(node)) }

    /// Bytes of the value's own text; of a string, still escaped.
    @inlinable
    public func length(_ node: JSONNode) -> Int { Int(entry(node).length) }

    // MARK: Arrays and objects

    /// The elements of an array, in order; none for anything else.
    @inlinable
    public func elements(_ node: JSONNode) -> JSONElements {
        guard isArray(node) else { return JSONElements(at: 0, end: 0) }
        return JSONElements(at: Int(node.index) + 1, end: Int(entry(node).next))
    }

    /// The members of an object, in order; none for anything else.
    @inlinable
    public func members(_ node: JSONNode) -> JSONMembers {
        guard isObject(node) else { return JSONMembers(at: 0, end: 0) }
        return JSONMembers(at: Int(node.index) + 1, end: Int(entry(node).next))
    }

    /// The element of an array that has no other; `nil` for anything else.
    @inlinable
    public func onlyElement(_ node: JSONNode) -> JSONNode? {
        guard isArray(node), !isEmpty(node) else { return nil }
        let first = JSONNode(index: Int(node.index) + 1)
        return entry(first).next == entry(node).next ? first : nil
    }

    /// Whether an array or object holds nothing.
    @inlinable
    public func isEmpty(_ node: JSONNode) -> Bool { Int(entry(node).next) == Int(node.index) + 1 }

    /// Whether an array or object is written without white space and needless escapes, as we would write it.
    @inlinable
    public func isCompact(_ node: JSONNode) -> Bool { entry(node).flags & JSONEntry.compact != 0 }

    /// How many elements an array or how many members an object has.
    public func count(_ node: JSONNode) -> Int {
        var count = 0
        if isArray(node) {
            var elements = self.elements(node)
            while elements.next(in: self) != nil { count += 1 }
        } else {
            var members = self.members(node)
            while members.next(in: self) != nil { count += 1 }
        }
        return count
    }

    /// The value of the member called `name`. Of members with the same name the last one counts.
    ///
    /// - Returns: `nil` when `node` is no object or has no such member. An explicit `null` is a value.
    @inlinable @inline(__always)
    public func member(_ name: StaticString, of node: JSONNode) -> JSONNode? { member(JSONName(name), of: node) }

    @usableFromInline
    func member(_ name: JSONName, of node: JSONNode) -> JSONNode? {
        let object = entry(node)
        guard object.kind == .object else { return nil }
        let end = Int(object.next)
        var at = Int(node.index) &+ 1
        var found: JSONNode?
        while at < end {
            if isKey(entries[at], name) { found = JSONNode(index: at &+ 1) }
            at = Int(entries[at &+ 1].next)
        }
        return found
    }

    /// The value of the member called `name`; `nil` also when it is `null` (GEN-003).
    @inlinable @inline(__always)
    public func value(_ name: StaticString, of node: JSONNode) -> JSONNode? { value(JSONName(name), of: node) }

    @usableFromInline
    func value(_ name: JSONName, of node: JSONNode) -> JSONNode? {
        guard let found = member(name, of: node), !isNull(found) else { return nil }
        return found
    }

    /// The same under a name that is known only now.
    public func member(named name: String, of node: JSONNode) -> JSONNode? {
        var members = self.members(node)
        var found: JSONNode?
        while let member = members.next(in: self) {
            if stringEquals(member.key, name) { found = member.value }
        }
        return found
    }

    /// Whether a member of the value, or of anything in it, has this name.
    @inlinable @inline(__always)
    public func hasMember(_ name: StaticString, anywhereIn node: JSONNode) -> Bool {
        hasMember(JSONName(name), anywhereIn: node)
    }

    @usableFromInline
    func hasMember(_ name: JSONName, anywhereIn node: JSONNode) -> Bool {
        for index in Int(node.index)..<Int(entry(node).next) where entries[index].flags & JSONEntry.key != 0 {
            if isKey(entries[index], name) { return true }
        }
        return false
    }

    @inlinable @inline(__always)
    func isKey(_ entry: JSONEntry, _ name: JSONName) -> Bool {
        if entry.flags & JSONEntry.escaped == 0 {
            return Int(entry.length) == name.count && name.matches(bytes, at: Int(entry.offset))
        }
        return isEscapedKey(entry, name)
    }

    @usableFromInline @inline(never)
    func isEscapedKey(_ entry: JSONEntry, _ name: JSONName) -> Bool {
        unescaped(Int(entry.offset)..<Int(entry.offset) + Int(entry.length)).span.equals(name.text)
    }

    /// Whether the string at `node` is `text`.
    @inlinable @inline(__always)
    public func equals(_ node: JSONNode, _ text: StaticString) -> Bool { equals(node, JSONName(text)) }

    @inlinable @inline(__always)
    func equals(_ node: JSONNode, _ name: JSONName) -> Bool {
        let entry = self.entry(node)
        return entry.kind == .string && isKey(entry, name)
    }

    /// Whether two strings mean the same.
    public func areEqual(_ first: JSONNode, _ second: JSONNode) -> Bool {
        guard isString(first), isString(second) else { return false }
        return withText(first) { stringEquals(second, $0) }
    }

    /// Whether the string at `node` is `text`.
    public func stringEquals(_ node: JSONNode, _ text: String) -> Bool { stringEquals(node, text.utf8Span.span) }

    /// Whether the string at `node` is this UTF-8.
    public func stringEquals(_ node: JSONNode, _ text: Span<UInt8>) -> Bool {
        isString(node) && withText(node) { $0.equals(text) }
    }
}

/// A walk over the elements of one array.
public struct JSONElements: Sendable {
    @usableFromInline var at: Int
    @usableFromInline let end: Int

    @inlinable
    init(at: Int, end: Int) {
        self.at = at
        self.end = end
    }

    @inlinable
    public mutating func next(in json: borrowing JSONDocument) -> JSONNode? {
        guard at < end else { return nil }
        let node = JSONNode(index: at)
        at = Int(json.entry(node).next)
        return node
    }
}

/// A walk over the members of one object.
public struct JSONMembers: Sendable {
    @usableFromInline var at: Int
    @usableFromInline let end: Int

    @inlinable
    init(at: Int, end: Int) {
        self.at = at
        self.end = end
    }

    @inlinable
    public mutating func next(in json: borrowing JSONDocument) -> (key: JSONNode, value: JSONNode)? {
        guard at < end else { return nil }
        let value = JSONNode(index: at + 1)
        let member = (key: JSONNode(index: at), value: value)
        at = Int(json.entry(value).next)
        return member
    }
}
