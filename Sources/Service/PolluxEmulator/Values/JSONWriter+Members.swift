import PolluxJSON

/// Writing without a word for each bracket: what is nested stands nested.
extension JSONWriter {
    mutating func object<Failure: Error>(
        _ body: (inout JSONWriter) throws(Failure) -> Void
    ) throws(Failure) {
        beginObject()
        try body(&self)
        endObject()
    }

    mutating func array<Failure: Error>(
        _ body: (inout JSONWriter) throws(Failure) -> Void
    ) throws(Failure) {
        beginArray()
        try body(&self)
        endArray()
    }

    mutating func member<Failure: Error>(
        _ name: StaticString, _ body: (inout JSONWriter) throws(Failure) -> Void
    ) throws(Failure) {
        key(name)
        try body(&self)
    }

    mutating func member(_ name: StaticString, _ number: Double) {
        key(name)
        raw(Array("\(number)".utf8).span)
    }

    /// The text of one object.
    static func objectText(_ body: (inout JSONWriter) -> Void) -> [UInt8] {
        var writer = JSONWriter()
        writer.object(body)
        return writer.output.array()
    }
}
