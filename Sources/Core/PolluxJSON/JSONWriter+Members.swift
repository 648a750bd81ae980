/// Members of the open object, whose names must need no escape.
extension JSONWriter {
    /// Writes a member whose value is text, escaped where it must be.
    public mutating func member(_ name: StaticString, _ text: String) {
        output.appendKey(name)
        output.append(UInt8(ascii: "\""))
        output.append(escaping: text.utf8Span.span)
        output.append(UInt8(ascii: "\""))
    }

    public mutating func member(_ name: StaticString, _ number: Int) {
        output.appendKey(name)
        output.append(number)
    }

    public mutating func member(_ name: StaticString, _ value: Bool) {
        output.appendKey(name)
        output.append(value ? "true" : "false" as StaticString)
    }

    // MARK: Where there is a value

    public mutating func member(_ name: StaticString, _ text: String?) {
        if let text { member(name, text) }
    }

    public mutating func member(_ name: StaticString, _ number: Int?) {
        if let number { member(name, number) }
    }

    public mutating func member(_ name: StaticString, _ value: Bool?) {
        if let value { member(name, value) }
    }
}
