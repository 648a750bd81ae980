import PolluxSSE
import Testing

/// All events of `bytes` as they were cut, fed in pieces of `size`; and what was left at the end.
private func cut(_ bytes: [UInt8], piecesOf size: Int, limit: Int = 1 << 16) throws -> (events: [String], rest: String)
{
    var cutter = EventCutter(maximumEventBytes: limit)
    var found: [String] = []
    var start = 0
    while start < bytes.count {
        let piece = Array(bytes[start..<min(start + size, bytes.count)])
        var offset = 0
        while let event = try cutter.next(in: piece.span, at: &offset) {
            switch event {
            case .inInput(let range): found.append(String(decoding: piece[range], as: UTF8.self))
            case .inBuffer: found.append(String(decoding: cutter.buffered, as: UTF8.self))
            }
        }
        start += size
    }
    return (found, cutter.hasRest() ? String(decoding: cutter.buffered, as: UTF8.self) : "")
}

@Suite("Whole events, byte for byte (SELF-040)")
struct EventCutterTests {
    static let streams: [(stream: String, data: [String?], rest: String)] = [
        ("data: {\"a\":1}\n\ndata:x\n\n", ["{\"a\":1}", "x"], ""),
        ("data: a\r\n\r\n: ping\r\n\r\ndata: é😀\r\n\r\n", ["a", nil, "é😀"], ""),
        ("data: a\r\rdata: b\r\r", ["a", "b"], ""),
        ("data: a\ndata: b\n\nevent: e\ndata\n\n", ["a\nb", ""], ""),
        ("\u{FEFF}data: marked\n\n", ["marked"], ""),
        ("data: a\n\ndata: unfinished\n", ["a"], "data: unfinished\n"),
        ("data: a\n\n{\"error\":{\n\n\"code\":1}}", ["a"], "{\"error\":{\n\n\"code\":1}}"),
        ("\n\ndatum: no\n\n", [nil, nil, nil], ""),
    ]

    @Test("However the bytes are split, the same events come out, and no byte is lost", arguments: streams)
    func splits(stream: String, data: [String?], rest: String) throws {
        let bytes = Array(stream.utf8)
        for size in 1...bytes.count {
            let (events, left) = try cut(bytes, piecesOf: size)
            #expect(events.joined() + left == stream)
            #expect(left == rest)
            #expect(events.map(Self.data) == data)
        }
    }

    private static func data(_ event: String) -> String? {
        let bytes = Array(event.utf8)
        return switch EventData(of: bytes.span) {
        case .none: nil
        case .line(let range): String(decoding: bytes[range], as: UTF8.self)
        case .lines(let lines): String(decoding: lines, as: UTF8.self)
        }
    }

    @Test("An event of many lines is read in the time that its bytes take", .timeLimit(.minutes(1)))
    func manyLines() {
        let count = 1_000_000
        let event = Array(repeatElement("data:\n", count: count).joined().utf8)
        guard case .lines(let lines) = EventData(of: event.span) else {
            Issue.record("They are lines.")
            return
        }
        #expect(lines == Array(repeating: UInt8(ascii: "\n"), count: count - 1))
    }

    @Test("An event beyond the limit is refused, finished or not", arguments: [1, 7, 1000], ["\n\n", ""])
    func limit(size: Int, end: String) {
        let text = Array("data: \(String(repeating: "x", count: 200))\(end)".utf8)
        #expect(throws: EventTooLarge.self) { try cut(text, piecesOf: size, limit: 100) }
    }
}
