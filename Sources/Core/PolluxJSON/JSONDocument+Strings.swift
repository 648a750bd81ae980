/// Strings: most are copied as they stand; these functions are for the few whose content matters.
extension JSONDocument {
    /// Whether the string's bytes are its text, with no escape in between.
    @inlinable
    public func isPlain(_ node: JSONNode) -> Bool { entry(node).flags & JSONEntry.escaped == 0 }

    /// Whether the string is written as canonical JSON writes it: non-ASCII characters and `/` as they are
    /// (GEN-004).
    @inlinable
    public func isCanonical(_ node: JSONNode) -> Bool { entry(node).flags & JSONEntry.needless == 0 }

    /// The text of a string; the source text of a number or word; "" for arrays and objects.
    ///
    /// A lone surrogate becomes U+FFFD.
    public func string(_ node: JSONNode) -> String {
        switch kind(node) {
        case .array, .object: ""
        default: withText(node) { String(copying: $0) }
        }
    }

    /// Hands the text of a string on as UTF-8, with its escapes resolved: the document's own bytes where it has none.
    @inlinable @inline(__always)
    public func withText<Result, Failure: Error>(
        _ node: JSONNode, _ body: (Span<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try withText(in: range(node), of: node, body)
    }

    /// The same of a part of the string, which begins and ends outside of an escape.
    @inlinable @inline(__always)
    public func withText<Result, Failure: Error>(
        in part: Range<Int>, of node: JSONNode, _ body: (Span<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        if isPlain(node) { return try body(bytes.extracting(part)) }
        return try body(unescaped(part).span)
    }

    @usableFromInline @inline(never)
    func unescaped(_ part: Range<Int>) -> [UInt8] {
        var text = ByteOutput(minimumCapacity: part.count + 8)
        text.append(unescaping: bytes, part)
        return text.array()
    }

    /// The text of a string as UTF-8, with its escapes resolved.
    public func text(_ node: JSONNode) -> [UInt8] {
        isPlain(node) ? Array(copying: raw(node)) : unescaped(range(node))
    }

    /// Appends the text of a string as UTF-8, with its escapes resolved.
    public func appendText(_ node: JSONNode, to result: inout ByteOutput) {
        if isPlain(node) { result.append(raw(node)) } else { result.append(unescaping: bytes, range(node)) }
    }

    /// Appends the text of a string that should hold JSON, compact as far as that is easy to see. What is no JSON
    /// becomes none, but not always the same text as by ``appendText(_:to:)``.
    public func appendJSONText(_ node: JSONNode, to result: inout ByteOutput) {
        if isPlain(node) { result.append(raw(node)) } else { result.append(unescapingJSON: bytes, range(node)) }
    }

    /// Whether the string has no character but white space. True for "".
    public func isBlank(_ node: JSONNode) -> Bool {
        let range = self.range(node)
        var at = range.lowerBound
        while at < range.upperBound {
            switch bytes[at] {
            case 0x20: at += 1
            case UInt8(ascii: "\\"):
                switch bytes[at + 1] {
                case UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"): at += 2
                default: return false
                }
            default: return false
            }
        }
        return true
    }
}
