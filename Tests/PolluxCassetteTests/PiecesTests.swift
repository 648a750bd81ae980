import PolluxJSON
import Testing

@testable import PolluxCassette

@Suite("Bodies as pieces")
struct PiecesTests {
    private func make(_ texts: String...) -> [Cassette.Piece] {
        Pieces.make(
            texts.enumerated().map { Pieces.Arrival(milliseconds: Double($0.offset), bytes: Array($0.element.utf8)) })
    }

    @Test("A body that is JSON is one piece, in however many parts it came")
    func whole() {
        #expect(make("{\"a\":", "1}") == [piece(.json(.object([.init("a", .number("1"))])), at: 1)])
    }

    @Test("Each event is a piece with the time of its arrival")
    func events() {
        #expect(
            make("data: {\"a\":1}\r\n\r\ndata: 2\r\n\r\n", "data: 3\n\n") == [
                piece(.event(.object([.init("a", .number("1"))]), lineEnd: .crlf), at: 0),
                piece(.event(.number("2"), lineEnd: .crlf), at: 0), piece(.event(.number("3"), lineEnd: .lf), at: 1),
            ]
        )
    }

    @Test("What is no whole event is kept as it came", arguments: ["data: {\"a\":", "data: 1\n", ": c\n\n", "<html>"])
    func rest(text: String) {
        #expect(
            make("data: 1\n\n" + text) == [piece(.event(.number("1"), lineEnd: .lf), at: 0), piece(.text(text), at: 0)])
    }

    @Test("Bytes that are no text are kept, too")
    func bytes() {
        #expect(Pieces.make([Pieces.Arrival(milliseconds: 1, bytes: [0x80])]) == [piece(.bytes([0x80]), at: 1)])
        #expect(Pieces.make([]) == [])
    }
}
