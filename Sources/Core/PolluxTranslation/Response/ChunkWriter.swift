internal import PolluxJSON

/// Writes the frame of one chunk around a delta.
///
///     data: {"choices":[{"delta":{ … },"finish_reason":null,"index":0,"logprobs":null}],"created":…}
struct ChunkWriter {
    let index: Int
    /// From `],` to the blank line.
    let tail: [UInt8]
    /// Probabilities of this event's tokens: the first chunk carries them.
    private(set) var tokens: [UInt8]

    init(index: Int, tail: [UInt8], tokens: [UInt8] = []) {
        self.index = index
        self.tail = tail
        self.tokens = tokens
    }

    func begin(into writer: inout JSONWriter) {
        writer.output.append("data: {\"choices\":[{\"delta\":{" as StaticString)
    }

    mutating func end(into writer: inout JSONWriter) {
        writer.output.append("},\"finish_reason\":null,\"index\":" as StaticString)
        writer.output.append(index)
        writer.key("logprobs")
        writer.writeLogprobs(tokens)
        tokens = []
        writer.output.append(UInt8(ascii: "}"))
        writer.output.append(tail.span)
    }
}
