internal import PolluxJSON

/// Writes the frame of one chunk around a delta.
///
///     data: {"choices":[{"delta":{ … },"finish_reason":null,"index":0,"logprobs":null}],"created":…}
struct ChunkWriter {
    let index: Int
    /// From `],` to the blank line.
    let tail: [UInt8]
    /// Probabilities of this event's tokens: the first chunk of the event carries them.
    var logprobs: JSONNode?
    private(set) var isOpen = false

    init(index: Int, tail: [UInt8], logprobs: JSONNode?) {
        self.index = index
        self.tail = tail
        self.logprobs = logprobs
    }

    mutating func begin(into writer: inout JSONWriter) {
        writer.output.append("data: {\"choices\":[{\"delta\":{" as StaticString)
        isOpen = true
    }

    mutating func end(into writer: inout JSONWriter) {
        writer.output.append("},\"finish_reason\":null,\"index\":" as StaticString)
        writer.output.append(index)
        writer.output.append(",\"logprobs\":null}" as StaticString)
        writer.output.append(tail.span)
        isOpen = false
    }

    mutating func end(of json: borrowing JSONDocument, plan: ResponsePlan, into writer: inout JSONWriter) {
        guard plan.wantsLogprobs, logprobs != nil else { return end(into: &writer) }
        writer.output.append("},\"finish_reason\":null,\"index\":" as StaticString)
        writer.output.append(index)
        writer.key("logprobs")
        writer.writeLogprobs(logprobs, of: json, plan: plan)
        logprobs = nil
        writer.output.append("}" as StaticString)
        writer.output.append(tail.span)
        isOpen = false
    }
}
