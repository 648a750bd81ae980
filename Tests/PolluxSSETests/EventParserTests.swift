import PolluxSSE
import Testing

/// The data of all events in `bytes`, fed in pieces of `size`.
func events(in bytes: [UInt8], piecesOf size: Int, limit: Int = 1 << 16) throws -> [String] {
    var parser = EventParser(maximumEventBytes: limit)
    var found: [String] = []
    var start = 0
    while start < bytes.count {
        let piece = Array(bytes[start..<min(start + size, bytes.count)])
        var offset = 0
        while let event = try parser.next(in: piece.span, at: &offset) {
            switch event {
            case .inInput(let range): found.append(String(decoding: piece[range], as: UTF8.self))
            case .inBuffer: found.append(String(decoding: parser.buffered, as: UTF8.self))
            }
        }
        start += size
    }
    if parser.finish() != nil { found.append(String(decoding: parser.buffered, as: UTF8.self)) }
    return found
}

@Suite("Server-sent events (STREAM-007, STREAM-008)")
struct EventParserTests {
    static let streams: [(String, [String])] = [
        ("data: {\"a\":1}\r\n\r\n: a comment\ndata: x\ndata: y\n\n", ["{\"a\":1}", "x\ny"]),
        ("data:no space\n\ndata:  two\n\n", ["no space", " two"]),
        ("\u{FEFF}data: after a mark\n\n", ["after a mark"]),
        ("data: a\r\rdata: b\r\r", ["a", "b"]),
        ("event: e\nid: 1\nretry: 5\ndata: x\n\n", ["x"]),
        ("data: é😀\n\ndata: last without its empty line", ["é😀", "last without its empty line"]),
        ("data\n\n", [""]),
        ("datum: no\n\n\n\n", []),
        ("data: x\n\n{\"error\":{\n\"code\":429}}\n", ["x", "{\"error\":{\n\"code\":429}}\n"]),
        ("[{\"error\":1}]", ["[{\"error\":1}]\n"]),
    ]

    @Test("The way the bytes are split never changes the events", arguments: streams)
    func splits(text: String, expected: [String]) throws {
        for size in 1...text.utf8.count { #expect(try events(in: Array(text.utf8), piecesOf: size) == expected) }
    }

    @Test("An event beyond the limit is refused, whole or in pieces", arguments: [1, 7, 1000])
    func limit(size: Int) {
        let text = Array("data: \(String(repeating: "x", count: 200))\n\n".utf8)
        #expect(throws: EventTooLarge.self) { try events(in: text, piecesOf: size, limit: 100) }
    }
}
