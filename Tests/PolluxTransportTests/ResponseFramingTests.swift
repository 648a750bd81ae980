import NIOCore
import Testing

@testable import PolluxTransport

/// What an upstream's bytes are cut into: status, body, and how it ended.
func answer(_ text: String, piecesOf size: Int) throws -> String {
    var framing = ResponseFraming()
    var result = ""
    let bytes = Array(text.utf8)
    var start = 0
    while start < bytes.count {
        var piece = ByteBuffer(bytes: bytes[start..<min(start + size, bytes.count)])
        while let event = try framing.next(&piece) {
            switch event {
            case .head(let head): result += "\(head.status) \(head.contentType ?? "-") "
            case .body(let bytes): result += String(buffer: bytes)
            case .end: result += framing.keepsAlive ? "|" : "!"
            }
        }
        start += size
    }
    if framing.endsWithConnection { result += "~" }
    return result
}

@Suite("Answers of an upstream (RFC 9112)")
struct ResponseFramingTests {
    static let good: [(String, String)] = [
        ("HTTP/1.1 200 OK\r\nContent-Type: a/b\r\nContent-Length: 5\r\n\r\nhello", "200 a/b hello|"),
        ("HTTP/1.1 204 No Content\r\n\r\n", "204 - |"),
        ("HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n", "200 - !"),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0A;x=y\r\n0123456789\r\n0\r\nt: 1\r\n\r\n",
            "200 - abc0123456789|"
        ),
        ("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\nx", "200 - x|"),
        ("HTTP/1.0 200 OK\r\n\r\nto the end", "200 - to the end~"),
        ("HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 1\r\n\r\nx", "200 - x|"),
        ("HTTP/1.1 429 \r\ncontent-length: 2\r\n\r\n{}", "429 - {}|"),
    ]

    @Test("Every way of telling the body's length is read, however the bytes are split", arguments: good)
    func reads(text: String, expected: String) throws {
        for size in 1...text.utf8.count { #expect(try answer(text, piecesOf: size) == expected) }
    }

    @Test(
        "What could be read in two ways is refused",
        arguments: [
            "HTTP/2 200 OK\r\n\r\n", "HTTP/1.1 abc OK\r\n\r\n", "HTTP/1.1 2000 OK\r\n\r\n",
            "ICY 200 OK\r\nx: y\r\n\r\n",
            "HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nx",
            "HTTP/1.1 200 OK\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
            "HTTP/1.1 200 OK\r\ntransfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
            "HTTP/1.1 200 OK\r\ncontent-length: +1\r\n\r\nx",
            "HTTP/1.1 200 OK\r\ncontent-length: 99999999999999999999\r\n\r\n",
            "HTTP/1.1 200 OK\r\nname : value\r\n\r\n", "HTTP/1.1 200 OK\r\na: b\r\n folded\r\n\r\n",
            "HTTP/1.1 200 OK\r\n\nx: y\r\n\r\n", "HTTP/1.1 200 OK\r\na: b\nc: d\r\n\r\n",
            "HTTP/1.1 200 OK\n\r\nx: y\r\n\r\n",
            "HTTP/1.1 200 OK\r\nno colon\r\n\r\n", "HTTP/1.1 101 Switching Protocols\r\n\r\n",
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n\r\n",
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\nab\r\n",
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFF\r\n",
        ])
    func refuses(text: String) {
        for size in [1, 3, 1000] { #expect(throws: UpstreamFailure.self) { try answer(text, piecesOf: size) } }
    }

    @Test("Heads and lines have a limit")
    func limits() {
        let head = "HTTP/1.1 200 OK\r\nx: " + String(repeating: "y", count: 70_000)
        #expect(throws: UpstreamFailure.malformed) { try answer(head, piecesOf: 1000) }
        let line = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1;" + String(repeating: "y", count: 5000)
        #expect(throws: UpstreamFailure.malformed) { try answer(line, piecesOf: 100) }
    }

    @Test("Bytes that nobody asked for end the connection's use")
    func surplus() throws {
        #expect(
            try answer("HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\nxHTTP/1.1 200 OK\r\n", piecesOf: 1000).hasPrefix(
                "200 - x!"))
    }
}

@Suite("Upstream addresses (HOST-006)")
struct UpstreamAddressTests {
    @Test(
        "An address is scheme, host, port and prefix",
        arguments: [
            ("https://a.example", "https://a.example", ""),
            ("http://a.example:8080/v1/", "http://a.example:8080", "/v1"),
            ("HTTPS://A.example:443", "https://a.example", ""), ("http://[::1]:80/x", "http://[::1]", "/x"),
        ])
    func parses(url: String, address: String, prefix: String) throws {
        let parsed = try #require(UpstreamAddress.parse(url))
        #expect(parsed.address.description == address)
        #expect(parsed.prefix == prefix)
    }

    @Test(
        "Anything else is refused",
        arguments: [
            "ftp://a", "a.example", "http://", "http://u:p@a", "http://a:0", "http://a:x", "http://a?x=1", "http://a#f",
            "http://[::1",
        ])
    func refuses(url: String) { #expect(UpstreamAddress.parse(url) == nil) }
}
