import PolluxJSON

/// Answers of the live service that lie in a folder.
///
///     NAME.json            a whole answer
///     NAME.sse             the bytes of a stream
///     NAME.jsonl, id: ID   a line {"id":…, "status":…, "response":{…} or "raw":"…" or "sse":"…"}
public struct Recordings: Sendable {
    /// Reads a file of the folder whole; `nil` when there is none.
    private let read: @Sendable (String) -> [UInt8]?

    /// Without a folder there are no recordings.
    public init(read: @escaping @Sendable (String) -> [UInt8]? = { _ in nil }) { self.read = read }

    func answer(_ name: String, id: String?, at path: String) throws(GoogleError) -> FixedAnswer {
        // Names lead into the folder only: scripts come over the network, too.
        let isPlain = !name.hasPrefix("/") && !name.split(separator: "/").contains("..")
        guard isPlain, let bytes = read(name) else {
            throw .invalid("'\(path).recording': there is no file '\(name)' among the recordings.")
        }
        if name.hasSuffix(".sse") { return FixedAnswer(content: .stream(bytes)) }
        guard name.hasSuffix(".jsonl") else { return FixedAnswer(content: .body(bytes)) }
        for line in bytes.split(separator: UInt8(ascii: "\n")) {
            if let answer = Self.answer(Array(line), id: id) { return answer }
        }
        throw .invalid("'\(path).id': there is no such recording in '\(name)'.")
    }

    private static func answer(_ line: [UInt8], id: String?) -> FixedAnswer? {
        var tape = JSONTape()
        // What is no JSON is no recording, so there is nothing to find in it.
        guard (try? tape.parse(line.span)) != nil else { return nil }
        let json = tape.document(of: line.span)
        if let id, json.text(of: json.value("id", of: .root)) != id { return nil }
        var answer: FixedAnswer
        if let stream = json.text(of: json.value("sse", of: .root)) {
            answer = FixedAnswer(content: .stream(Array(stream.utf8)))
        } else if let raw = json.text(of: json.value("raw", of: .root)) {
            answer = FixedAnswer(content: .body(Array(raw.utf8)))
        } else if let response = json.value("response", of: .root) {
            var writer = JSONWriter()
            writer.copy(response, of: json)
            answer = FixedAnswer(content: .body(writer.output.array()))
        } else {
            return nil
        }
        answer.status = json.wholeNumber(json.value("status", of: .root)) ?? 200
        // A status of another kind could not be sent.
        return (200...599).contains(answer.status) ? answer : nil
    }
}
