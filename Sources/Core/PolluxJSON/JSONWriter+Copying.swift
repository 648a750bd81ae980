/// Values of a source document, carried over: digits, escapes and member order stay (GEN-005, GEN-006).
extension JSONWriter {
    /// Copies a value without the white space between its tokens.
    public mutating func copy(_ node: JSONNode, of json: borrowing JSONDocument) {
        switch json.kind(node) {
        case .string where json.isCanonical(node) && json.length(node) < spliceThreshold:
            separate()
            output.append(short: json.bytes, json.outerRange(node))
        case .string:
            beginString()
            fragment(copying: node, of: json)
            endString()
        case .array, .object:
            if json.isCompact(node), json.length(node) < spliceThreshold {
                raw(json.raw(node))
            } else {
                copyLoose(node, of: json)
            }
        default: raw(json.raw(node))
        }
    }

    /// Copies the tokens as they stand one behind the other, string by string.
    private mutating func copyLoose(_ node: JSONNode, of json: borrowing JSONDocument) {
        separate()
        let range = json.range(node)
        if range.count < spliceThreshold { output.reserve(range.count &+ ByteOutput.slack) }
        var at = range.lowerBound
        for index in Int(node.index) + 1..<Int(json.entry(node).next) {
            let entry = json.entries[index]
            guard entry.kind == .string else { continue }
            let start = Int(entry.offset)
            output.append(tokens: json.bytes, at..<start)
            at = start &+ Int(entry.length)
            if entry.flags & JSONEntry.needless == 0, Int(entry.length) < spliceThreshold {
                output.append(short: json.bytes, start..<at)
            } else {
                fragment(copying: JSONNode(index: index), of: json)
            }
        }
        output.append(tokens: json.bytes, at..<range.upperBound)
    }

    /// Copies a member's name.
    public mutating func key(copying node: JSONNode, of json: borrowing JSONDocument) {
        separate()
        output.append(UInt8(ascii: "\""))
        if json.isCanonical(node) { output.append(json.raw(node)) } else { fragment(canonical: node, of: json) }
        output.append("\":" as StaticString)
    }

    /// Adds the JSON text of a value, without white space, to the open string.
    ///
    /// `{"city":"Oslo"}` becomes `{\"city\":\"Oslo\"}`: the form of a tool call's `arguments`.
    public mutating func fragment(jsonText node: JSONNode, of json: borrowing JSONDocument) {
        if json.isCompact(node) { return output.append(escaping: json.bytes, json.range(node)) }
        var text = JSONWriter(minimumCapacity: json.length(node) + 2)
        text.copy(node, of: json)
        fragment(utf8: text.output.span)
    }
}

extension JSONWriter {
    /// Adds these bytes of the source to the open string.
    public mutating func fragment(copying range: Range<Int>, of json: borrowing JSONDocument) {
        if range.count >= spliceThreshold {
            splice(range)
        } else {
            output.append(json.bytes.extracting(range))
        }
    }

    /// Takes back everything behind the first `count` bytes, with what was spliced in there.
    public mutating func truncate(to count: Int) {
        output.truncate(to: count)
        removeSplices(behind: count)
    }
}
