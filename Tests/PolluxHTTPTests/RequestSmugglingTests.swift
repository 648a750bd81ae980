import NIOCore
import NIOEmbedded
import NIOHTTP1
import Testing

@testable import PolluxHTTP

/// Two readers of the same bytes: ours, and llhttp behind NIOHTTP1, which node and many proxies use.
///
/// A request that one reader ends elsewhere than the other lets a client hide a second request in it (RFC 9112 § 11.2).
/// So: what llhttp refuses, we refuse; and as far as we read on, both have found the same requests. That we refuse more
/// is as it should be.
@Suite("Request smuggling")
struct RequestSmugglingTests {
    /// What a reader makes of bytes.
    struct Reading: Equatable {
        /// Method, target and body of each request that came to its end.
        var requests: [String] = []
        var isRefused = false
        /// It waits for more of a request, or reads no more, because a request was the last one.
        var isUndecided = false
    }

    private static let hidden = "GET /hidden HTTP/1.1\r\nHost: a\r\n\r\n"

    private static func post(_ lines: String, _ body: String, version: String = "1.1") -> String {
        "POST / HTTP/\(version)\r\nHost: a\r\n\(lines)\r\n\r\n\(body)\(hidden)"
    }

    static let corpus: [String] = [
        // A length beside chunks, and two lengths (§ 6.3).
        post("Content-Length: 6\r\nTransfer-Encoding: chunked", "0\r\n\r\nX"),
        post("Transfer-Encoding: chunked\r\nContent-Length: 4", "1\r\nZ\r\n0\r\n\r\n"),
        post("Content-Length: 5\r\nContent-Length: 6", "hello!"),
        post("Content-Length: 5\r\nContent-Length: 5", "hello"),
        post("Content-Length: 5, 6", "hello!"), post("Content-Length: 5, 5", "hello"),
        // Numbers that readers read in different ways.
        post("Content-Length: +5", "hello"), post("Content-Length: -5", "hello"), post("Content-Length: 0x5", "hello"),
        post("Content-Length: 5 5", "hello"), post("Content-Length: 5\u{B}", "hello"), post("Content-Length:", ""),
        post("Content-Length: 18446744073709551621", "hello"), post("Content-Length: 9223372036854775808", "hello"),
        post("Content-Length: 5e0", "hello"), post("Content_Length: 5", ""), post("Content-Length : 5", "hello"),
        post("Content-Length\t: 5", "hello"), post("Content-Length: \t5 ", "hello"), post("Content-Length:5", "hello"),
        // Codings (§ 6.1).
        post("Transfer-Encoding: xchunked", "5\r\nhello\r\n0\r\n\r\n"), post("Transfer-Encoding: identity", "hello"),
        post("Transfer-Encoding: chunked, identity", "5\r\nhello\r\n0\r\n\r\n"),
        post("Transfer-Encoding: identity, chunked", "5\r\nhello\r\n0\r\n\r\n"),
        post("Transfer-Encoding: identity\r\nTransfer-Encoding: chunked", "5\r\nhello\r\n0\r\n\r\n"),
        post("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity", "5\r\nhello\r\n0\r\n\r\n"),
        post("Transfer-Encoding: \u{B}chunked", "0\r\n\r\n"), post("Transfer-Encoding : chunked", "0\r\n\r\n"),
        post("Transfer-Encoding:\r\n chunked", "0\r\n\r\n"), post("Transfer-Encoding: \"chunked\"", "0\r\n\r\n"),
        post("Transfer-Encoding: chunked\u{0}", "0\r\n\r\n"), post("X: y\nTransfer-Encoding: chunked", "0\r\n\r\n"),
        post("X: y\rTransfer-Encoding: chunked", "0\r\n\r\n"), post("Transfer-Encoding: CHUNKED", "0\r\n\r\n"),
        post("Transfer-Encoding: chunked", "0\r\n\r\n", version: "1.0"), post("Transfer_Encoding: chunked", ""),
        // Chunks (§ 7.1).
        post("Transfer-Encoding: chunked", "5;a=b\r\nhello\r\n0\r\n\r\n"),
        post("Transfer-Encoding: chunked", "5;a=\"\r\n\"\r\nhello\r\n0\r\n\r\n"),
        post("Transfer-Encoding: chunked", "5;\nhello\r\n0\r\n\r\n"),
        post("Transfer-Encoding: chunked", "5\nhello\n0\n\n"),
        post("Transfer-Encoding: chunked", "5\r\nhelloXX0\r\n\r\n"),
        post("Transfer-Encoding: chunked", "5 \r\nhello\r\n0\r\n\r\n"),
        post("Transfer-Encoding: chunked", "\r\n0\r\n\r\n"),
        post("Transfer-Encoding: chunked", "0x5\r\nhello\r\n0\r\n\r\n"), post("Transfer-Encoding: chunked", "-1\r\n"),
        post("Transfer-Encoding: chunked", "+5\r\nhello\r\n0\r\n\r\n"),
        post("Transfer-Encoding: chunked", "10000000000000005\r\nhello\r\n0\r\n\r\n"),
        post("Transfer-Encoding: chunked", "ffffffffffffffff\r\nhello\r\n0\r\n\r\n"),
        post("Transfer-Encoding: chunked", "00005\r\nhello\r\n000\r\n\r\n"),
        post("Transfer-Encoding: chunked", "5\r\nhello\r\n0\r\nX: y\r\n\r\n"),
        post("Transfer-Encoding: chunked", "0\r\nContent-Length: 50\r\n\r\n"),
        post("Transfer-Encoding: chunked", "0\r\nX: y\n\r\n"), post("Transfer-Encoding: chunked", "0\r\n\n"),
        post("Transfer-Encoding: chunked", "0\r\nX : y\r\n\r\n"),
        post("Transfer-Encoding: chunked", "0\r\n X: y\r\n\r\n"),
        // Folded lines, single line ends, white space and control bytes in a head (§ 2.2, § 5).
        post("X: a\r\n b", ""), post("X: a\r\n\tContent-Length: 5", "hello"), post("X: a\n\r\n", ""),
        post("X: a\rb", ""), post("X: a\u{0}b", ""), post("X\u{0}: a", ""), post(" X: a", ""), post("X: a\r", ""),
        "POST / HTTP/1.1\nHost: a\nContent-Length: 5\n\nhello" + hidden, "GET / HTTP/1.1\r\nHost: a\r\n\n" + hidden,
        "GET / HTTP/1.1\r\n\tHost: a\r\n\r\n" + hidden, "\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n" + hidden,
        "\0GET / HTTP/1.1\r\nHost: a\r\n\r\n" + hidden, "GET /\0 HTTP/1.1\r\nHost: a\r\n\r\n" + hidden,
        // Request lines, and targets with a host (§ 3).
        "GET http://b/x HTTP/1.1\r\nHost: a\r\n\r\n" + hidden, "GET http://b HTTP/1.1\r\nHost: a\r\n\r\n" + hidden,
        "GET  / HTTP/1.1\r\nHost: a\r\n\r\n" + hidden, "GET / HTTP/1.1 \r\nHost: a\r\n\r\n" + hidden,
        "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n" + hidden, "GET / HTTP/1.2\r\nHost: a\r\n\r\n" + hidden,
        "GET / HTTP/2.0\r\nHost: a\r\n\r\n" + hidden, "GET /\r\n" + hidden,
        "GET / http/1.1\r\nHost: a\r\n\r\n" + hidden,
        "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n" + hidden, "GET / HTTP/1.1\r\n\r\n" + hidden,
        // Bodies where few expect one, and none where one might be.
        "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello" + hidden,
        "HEAD / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello" + hidden,
        "POST / HTTP/1.1\r\nHost: a\r\n\r\n" + hidden, "POST / HTTP/1.0\r\nHost: a\r\n\r\n" + hidden,
        post("Connection: close", ""), post("Connection: content-length\r\nContent-Length: 5", "hello"),
        post("Expect: 100-continue\r\nContent-Length: 5", "hello"),
    ]

    @Test("What another parser refuses is refused, and every request ends where it ends there", arguments: corpus)
    func agrees(text: String) { expectAgreement(Array(text.utf8)) }

    @Test("The same for words of the protocol in any order", arguments: 0..<8)
    func agreesOnAnything(seed: Int) {
        var random = SeededGenerator(state: UInt64(4000 + seed))
        for _ in 0..<1500 { expectAgreement(RequestFuzzTests.bytes(&random)) }
    }

    @Test("The same for the corpus with one byte changed", arguments: 0..<4)
    func agreesOnChangedBytes(seed: Int) {
        var random = SeededGenerator(state: UInt64(5000 + seed))
        for text in Self.corpus {
            for _ in 0..<20 {
                var bytes = Array(text.utf8)
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
                expectAgreement(bytes)
            }
        }
    }

    @Test("Behind a request to change the protocol, which we do not, comes the next request")
    func upgrade() {
        let text = "GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: h2c\r\n\r\n" + Self.hidden
        #expect(ours(Array(text.utf8)) == Reading(requests: ["GET / <>", "GET /hidden <>"]))
        // The other parser lets go of the connection there.
        #expect(other(Array(text.utf8)).requests == ["GET / <>"])
    }

    private func expectAgreement(_ bytes: [UInt8]) {
        let ours = ours(bytes)
        let other = other(bytes)
        let text = String(decoding: bytes, as: UTF8.self).debugDescription
        #expect(other.requests.starts(with: ours.requests), "\(text) \(ours) \(other)")
        if !ours.isRefused, !ours.isUndecided {
            #expect(!other.isRefused && other.requests == ours.requests, "\(text) \(ours) \(other)")
        }
    }

    private func ours(_ bytes: [UInt8]) -> Reading {
        var framing = RequestFraming()
        var reading = Reading()
        var body = ""
        var buffer = ByteBuffer(bytes: bytes)
        do throws(RequestError) {
            while let event = try framing.next(&buffer) {
                switch event {
                case .head: body = ""
                case .body(let piece): body += String(buffer: piece)
                case .end:
                    reading.requests.append("\(framing.head.methodText) \(framing.head.sentTarget) <\(body)>")
                    guard framing.head.keepsAlive else {
                        reading.isUndecided = true
                        return reading
                    }
                    framing.startNext()
                }
            }
            reading.isUndecided = !framing.isBetweenRequests
        } catch {
            reading.isRefused = true
        }
        return reading
    }

    private func other(_ bytes: [UInt8]) -> Reading {
        let channel = EmbeddedChannel(
            handler: ByteToMessageHandler(HTTPRequestDecoder(leftOverBytesStrategy: .dropBytes)))
        var reading = Reading()
        do {
            try channel.writeInbound(ByteBuffer(bytes: bytes))
        } catch {
            reading.isRefused = true
        }
        var request = ""
        while let part = try? channel.readInbound(as: HTTPServerRequestPart.self) {
            switch part {
            case .head(let head): request = "\(head.method.rawValue) \(head.uri) <"
            case .body(let body): request += String(buffer: body)
            case .end: reading.requests.append(request + ">")
            }
        }
        // What is open at the end is no failure here.
        _ = try? channel.finish(acceptAlreadyClosed: true)
        return reading
    }
}
