import PolluxJSON
import Testing

@testable import PolluxCassette

/// A cassette with everything that one can have.
let example = Cassette(
    time: "2026-11-29T19:36:00.123Z", requestID: "r1", contents: .keep,
    client: Cassette.Exchange(
        request: Cassette.Request(
            method: "POST", url: "/v1/chat/completions",
            headers: [Cassette.Header(name: "content-type", value: "application/json")],
            body: [piece(.json(.object([.init("n", .number("1.10")), .init("a", .string("„x“"))])))]
        ),
        response: Cassette.Response(status: 200, headers: [], body: [piece(.text("data: [DONE]\n\n"), at: 9.5)])
    ),
    calls: [
        Cassette.Call(
            sentMilliseconds: 1.25,
            request: Cassette.Request(method: "POST", url: "https://host/v1/x:generateContent", headers: [], body: []),
            response: Cassette.Response(
                status: 200, headers: [],
                body: [
                    piece(.event(.object([.init("b", .null)]), lineEnd: .crlf), at: 2),
                    piece(.event(.array([.boolean(true)]), lineEnd: .lf), at: 3.001), piece(.bytes([0xFF, 0]), at: 4),
                ]
            ), ending: .broken
        )
    ]
)

func piece(_ content: Cassette.Piece.Content, at milliseconds: Double? = nil) -> Cassette.Piece {
    Cassette.Piece(milliseconds: milliseconds, content: content)
}

@Suite("Cassettes")
struct CassetteTests {
    @Test("What is written is read back, with digits, order, times and bytes")
    func roundTrip() throws {
        #expect(try Cassette(fileText: example.fileText.span) == example)
    }

    @Test("A file has a line for each value")
    func isReadable() {
        let lines = String(decoding: example.fileText, as: UTF8.self).split(separator: "\n")
        #expect(lines.contains("            \"n\": 1.10,"))
        #expect(lines.contains("  \"time\": \"2026-11-29T19:36:00.123Z\","))
    }

    @Test(
        "A file that is no cassette is refused with the place",
        arguments: [
            ("nothing", "the file is no JSON"), ("{}", "cassette is missing or of another type"),
            ("{\"cassette\":2}", "the file is of a format that this version does not read"),
            (
                "{\"cassette\":1,\"time\":\"\",\"request_id\":\"\",\"contents\":\"all\"}",
                "contents is missing or of another type"
            ),
        ]
    )
    func refusals(text: String, message: String) {
        let bytes = Array(text.utf8)
        #expect(throws: CassetteError(description: message)) { try Cassette(fileText: bytes.span) }
    }

    @Test(
        "Numbers that nothing could be answered with are refused",
        arguments: [
            ("\"status\":200", "\"status\":99999"), ("\"status\":200", "\"status\":-1"),
            ("\"ms\":1,", "\"ms\":1e300,"),
        ]
    )
    func hugeNumbers(right: String, wrong: String) {
        let text = """
            {"cassette":1,"time":"","request_id":"","contents":"keep",
            "client":{"request":{"method":"POST","path":"/","headers":{},"body":[]}},
            "calls":[{"sent_ms":0,"ending":"complete","request":{"method":"POST","url":"/","headers":{},"body":[]},
            "response":{"status":200,"headers":{},"body":[{"ms":1,"text":"a"}]}}]}
            """
        #expect(throws: Never.self) { try Cassette(fileText: Array(text.utf8).span) }
        #expect(throws: CassetteError.self) {
            try Cassette(fileText: Array(text.replacing(right, with: wrong).utf8).span)
        }
    }

    @Test("Pieces travel as they came, but for white space in JSON")
    func wire() {
        let pieces = example.calls[0].response?.body ?? []
        #expect(
            pieces.map { String(decoding: $0.wire, as: UTF8.self) }.prefix(2) == [
                "data: {\"b\":null}\r\n\r\n", "data: [true]\n\n",
            ]
        )
        #expect(pieces[2].wire == [0xFF, 0])
    }
}
