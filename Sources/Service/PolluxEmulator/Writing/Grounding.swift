import PolluxJSON

/// The sources of a grounded answer, and which sentences rest on them.
struct Grounding: Sendable {
    /// A sentence of the answer.
    struct Support: Sendable {
        var text: String
        /// Where the sentence stands in the answer's UTF-8.
        var bytes: Range<Int>
        var source: Int
    }

    var query: String
    var supports: [Support] = []
    /// The part that the sentences are in: thoughts come before it.
    var partIndex = 0

    /// Pages that are named as sources; `example.com` is nobody's.
    static let sources = [
        (uri: "https://example.com/pollux/emulator", title: "example.com"),
        (uri: "https://example.com/pollux/request", title: "example.com"),
    ]

    /// Sentences of an answer that are joined by one space each.
    init(query: String, sentences: [String]) {
        self.query = query
        var at = 0
        for (index, sentence) in sentences.enumerated() {
            let end = at + sentence.utf8.count
            supports.append(Support(text: sentence, bytes: at..<end, source: index % Self.sources.count))
            at = end + 1
        }
    }

    /// Drops what lies behind the first `count` bytes: the answer was cut there.
    mutating func cut(to count: Int) {
        supports.removeAll { $0.bytes.upperBound > count }
    }

    func write(_ backend: Backend, into writer: inout JSONWriter) {
        writer.beginObject()
        writer.key("webSearchQueries")
        writer.beginArray()
        writer.string(text: query)
        writer.endArray()
        writer.key("searchEntryPoint")
        writer.beginObject()
        writer.key("renderedContent")
        writer.string("<div>Pollux emulator: no search was made.</div>")
        writer.endObject()
        writer.key("groundingChunks")
        writer.beginArray()
        for source in Self.sources {
            writer.beginObject()
            writer.key("web")
            writer.beginObject()
            writer.member("uri", source.uri)
            writer.member("title", source.title)
            if backend == .vertex {
                writer.key("domain")
                writer.string("example.com")
            }
            writer.endObject()
            writer.endObject()
        }
        writer.endArray()
        writer.key("groundingSupports")
        writer.beginArray()
        for support in supports {
            writer.beginObject()
            writer.key("segment")
            writer.beginObject()
            if partIndex > 0 {
                writer.member("partIndex", partIndex)
            }
            if support.bytes.lowerBound > 0 {
                writer.member("startIndex", support.bytes.lowerBound)
            }
            writer.member("endIndex", support.bytes.upperBound)
            writer.member("text", support.text)
            writer.endObject()
            writer.key("groundingChunkIndices")
            writer.beginArray()
            writer.integer(support.source)
            writer.endArray()
            writer.endObject()
        }
        writer.endArray()
        writer.endObject()
    }
}
