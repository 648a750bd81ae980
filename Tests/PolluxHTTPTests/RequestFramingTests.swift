import NIOCore
import Testing

@testable import PolluxHTTP

@Suite("Requests of a client (RFC 9112)")
struct RequestFramingTests {
    static let readable: [(String, String)] = [
        ("GET / HTTP/1.1\r\nHost: a\r\n\r\n", "GET / [host=a] <> keep\n"),
        (
            "POST /a HTTP/1.1\r\nHost: b\r\nContent-Length: 5\r\n\r\nhello",
            "POST /a [host=b;content-length=5] <hello> keep\n"
        ),
        // § 2.2: empty lines before a request line are skipped.
        ("\r\n\r\nGET / HTTP/1.1\r\nhost:a\r\n\r\n", "GET / [host=a] <> keep\n"),
        // § 5: white space around a value is no part of it; tabs and bytes above 127 inside are.
        ("GET / HTTP/1.1\r\nHost: \t a \t \r\nX:\r\nY: b\tcé\r\n\r\n", "GET / [host=a;x=;y=b\tcé] <> keep\n"),
        // § 3.2: a host may be empty, have a port, be an address.
        ("GET / HTTP/1.1\r\nHost:\r\n\r\n", "GET / [host=] <> keep\n"),
        ("GET / HTTP/1.1\r\nHost: [::1]:80\r\n\r\n", "GET / [host=[::1]:80] <> keep\n"),
        // § 3.2.2: an absolute target; the host in it is of no interest.
        ("GET http://h:1/p?q HTTP/1.1\r\nHost: a\r\n\r\n", "GET /p?q [host=a] <> keep\n"),
        ("GET HTTPS://h HTTP/1.1\r\nHost: a\r\n\r\n", "GET / [host=a] <> keep\n"),
        ("GET http://h?q HTTP/1.1\r\nHost: a\r\n\r\n", "GET /?q [host=a] <> keep\n"),
        // § 3.2.3, § 3.2.4: forms for one method each.
        ("CONNECT h:443 HTTP/1.1\r\nHost: h:443\r\n\r\n", "CONNECT h:443 [host=h:443] <> keep\n"),
        ("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", "OPTIONS * [host=a] <> keep\n"),
        ("OPTIONS http://h HTTP/1.1\r\nHost: a\r\n\r\n", "OPTIONS * [host=a] <> keep\n"),
        // § 7.1: chunks, with extensions and trailers that are dropped.
        (
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\n\r\n"
                + "3\r\nabc\r\n00A ;x=\"y\"\r\n0123456789\r\n0\r\nT: 1\r\nu:\r\n\r\n",
            "POST / [host=a;transfer-encoding=Chunked] <abc0123456789> keep\n"
        ),
        // § 9.3: whether the connection goes on.
        ("GET / HTTP/1.1\r\nHost: a\r\nConnection: x, Close\r\n\r\n", "GET / [host=a;connection=x, Close] <> close\n"),
        ("GET / HTTP/1.0\r\n\r\n", "GET / [] 1.0 <> close\n"),
        ("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", "GET / [connection=Keep-Alive] 1.0 <> keep\n"),
        (
            "GET / HTTP/1.0\r\nConnection: keep-alive\r\nConnection: close\r\n\r\n",
            "GET / [connection=keep-alive;connection=close] 1.0 <> close\n"
        ),
        // RFC 9110 § 10.1.1: an expectation matters with a body, and not in HTTP/1.0.
        (
            "PUT / HTTP/1.1\r\nHost: a\r\nExpect: 100-Continue\r\nContent-Length: 1\r\n\r\nx",
            "PUT / [host=a;expect=100-Continue;content-length=1] expects <x> keep\n"
        ),
        (
            "PUT / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\ncontent-length: 0\r\n\r\n",
            "PUT / [host=a;expect=100-continue;content-length=0] <> keep\n"
        ),
        (
            "PUT / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\nx",
            "PUT / [expect=100-continue;content-length=1] 1.0 <x> close\n"
        ),
        // § 9.3.2: requests that follow each other at once.
        (
            "POST /1 HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nab\r\nPOST /2 HTTP/1.1\r\nHost: a\r\n"
                + "Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\nGET /3 HTTP/1.1\r\nHost: a\r\n\r\n",
            "POST /1 [host=a;content-length=2] <ab> keep\nPOST /2 [host=a;transfer-encoding=chunked] <x> keep\n"
                + "GET /3 [host=a] <> keep\n"
        ),
    ]

    @Test("A request is read the same however its bytes are split", arguments: readable)
    func splits(text: String, expected: String) {
        for pieces in everySplit(text) { #expect(transcript(pieces) == expected) }
    }

    @Test("A connection that ends within a request is noticed", arguments: readable)
    func truncated(text: String, expected: String) {
        for count in 0..<text.utf8.count {
            let result = transcript([ByteBuffer(bytes: Array(text.utf8.prefix(count)))])
            #expect(!result.contains("!"))
            #expect(result.hasSuffix("…") || result.isEmpty || result.hasSuffix("\n"))
        }
        #expect(transcript(String(text.dropLast())).hasSuffix("…"))
    }

    @Test("Behind a request nothing is read until the next one is asked for")
    func waits() throws {
        var framing = RequestFraming()
        var bytes = ByteBuffer(
            string: "GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\nGARBAGE\r\n")
        let unread = bytes.readableBytes - 28
        #expect(try names(&framing, &bytes) == ["head /1", "end"])
        #expect(try names(&framing, &bytes) == [])
        #expect(bytes.readableBytes == unread)
        #expect(framing.isBetweenRequests)
        framing.startNext()
        #expect(try names(&framing, &bytes) == ["head /2", "end"])
        #expect(framing.head.isTarget("/2"))
        #expect(String(buffer: bytes) == "GARBAGE\r\n")
        framing.startNext()
        #expect(throws: RequestError.malformedRequestLine) { try framing.next(&bytes) }
    }

    @Test("To ask for the next request within one has no effect")
    func startsNextOnlyAtTheEnd() throws {
        var framing = RequestFraming()
        var bytes = ByteBuffer(string: "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nab")
        #expect(try names(&framing, &bytes) == ["head /", "body ab"])
        framing.startNext()
        #expect(!framing.isBetweenRequests)
        bytes.writeString("cd")
        #expect(try names(&framing, &bytes) == ["body cd", "end"])
    }

    @Test("Heads and bodies are slices of what came in, not copies")
    func slices() throws {
        var framing = RequestFraming()
        let text = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"
        var bytes = ByteBuffer(string: text)
        let memory = address(bytes)
        #expect(try framing.next(&bytes).map { "\($0)" } == "head")
        #expect(address(framing.head.bytes) == memory)
        guard case .body(let body) = try framing.next(&bytes) else {
            Issue.record("no body")
            return
        }
        #expect(address(body) == memory + UInt(text.utf8.count - 5))
    }

    /// Where the readable bytes lie; only compared, never read.
    private func address(_ bytes: ByteBuffer) -> UInt {
        unsafe bytes.withUnsafeReadableBytes { UInt(bitPattern: $0.baseAddress) }
    }

    private func names(_ framing: inout RequestFraming, _ bytes: inout ByteBuffer) throws -> [String] {
        var result: [String] = []
        while let event = try framing.next(&bytes) {
            switch event {
            case .head: result.append("head " + framing.head.target)
            case .body(let body): result.append("body " + String(buffer: body))
            case .end: result.append("end")
            }
        }
        return result
    }
}
