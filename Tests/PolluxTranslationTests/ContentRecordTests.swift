import PolluxJSON
import Testing

@testable import PolluxTranslation

@Suite("What is kept of a message's text instead of the text")
struct ContentRecordTests {
    static let texts = [
        ["plain text, longer than one word of sixty-four bytes, so that the second one is needed, too"],
        ["Gr\u{fc}\u{df}e", " aus ", "\u{1F30D}\u{65e5}\u{672c}", "!"],
        ["", "\u{e9}", String(repeating: "ascii ", count: 40) + "\u{20ac}", "end"],
        (0..<200).map { String(repeating: "a\u{301}", count: $0 % 7) + "-" },
    ]

    /// A place in bytes and the same in characters, counted in the text itself (GRND-002).
    private static func characters(_ bytes: [UInt8], _ place: Int) -> Int {
        var end = min(place, bytes.count)
        while end > 0, end < bytes.count, bytes[end] & 0xC0 == 0x80 { end -= 1 }
        return bytes[..<end].count { $0 & 0xC0 != 0x80 }
    }

    @Test("Places in bytes become places in characters (GRND-002)", arguments: texts)
    func places(_ pieces: [String]) {
        var record = ContentRecord(digest: nil)
        for piece in pieces {
            record.append(piece, isThought: false)
            record.notePart(from: record.count - piece.utf8.count, continuesPart: true)
        }
        let bytes = Array(pieces.joined().utf8)
        #expect(record.count == bytes.count)
        for place in 0...bytes.count + 2 {
            #expect(record.characters(part: 0, byte: place) == Self.characters(bytes, place))
        }
    }

    @Test("A text beyond the limit is neither remembered nor cited")
    func limit() {
        var record = ContentRecord(digest: nil)
        let piece = String(repeating: "x", count: ContentRecord.maximumBytes)
        record.append(piece, isThought: false)
        #expect(!record.isTooLong)
        record.append("y", isThought: false)
        #expect(record.isTooLong)
        #expect(record.remembered(signature: "QUJD") == nil)
    }
}
