import NIOCore
import Testing

@testable import PolluxHTTP

/// Requests that two readers could understand differently (RFC 9112 § 11.2: request smuggling), or that are none.
@Suite("What is refused")
struct RequestStrictnessTests {
    /// A head with these lines behind its host.
    private static func head(_ lines: String, method: String = "POST") -> String {
        "\(method) / HTTP/1.1\r\nHost: a\r\n\(lines)\r\n\r\n"
    }

    private func expect(_ text: String, _ error: RequestError) {
        for pieces in everySplit(text) { #expect(transcript(pieces) == "! \(error)", "\(text.debugDescription)") }
    }

    @Test(
        "A request line is method, target and version with single spaces between (§ 3)",
        arguments: [
            "GET /\r\n", "GET  / HTTP/1.1\r\n", "GET /  HTTP/1.1\r\n", "GET / HTTP/1.1 \r\n", " GET / HTTP/1.1\r\n",
            "GET\t/ HTTP/1.1\r\n", "GET / http/1.1\r\n", "GET / HTTP/1\r\n", "GET / HTTP/11\r\n", "GET / HTTP/1.10\r\n",
            "GET / HTTPS/1.1\r\n", "G@T / HTTP/1.1\r\n", "(GET) / HTTP/1.1\r\n", "/ HTTP/1.1\r\n", "GET HTTP/1.1\r\n",
            "GÉT / HTTP/1.1\r\n", "nonsense\r\n",
        ])
    func requestLine(text: String) {
        let result = transcript(text)
        #expect(result == "! malformedRequestLine" || result == "! malformedTarget")
        for pieces in everySplit(text) { #expect(transcript(pieces) == result) }
    }

    @Test(
        "Another version deserves a 505 (RFC 9110 § 15.6.6)",
        arguments: ["PRI * HTTP/2.0\r\n", "GET / HTTP/0.9\r\n", "GET / HTTP/1.2\r\n", "GET / HTTP/3.0\r\n"])
    func version(text: String) { expect(text, .unsupportedVersion) }

    @Test(
        "A method that HTTP does not have deserves a 501 (RFC 9110 § 15.6.2)",
        arguments: ["get / HTTP/1.1\r\n", "GETS / HTTP/1.1\r\n", "helloGET / HTTP/1.1\r\n"])
    func method(text: String) { expect(text, .unknownMethod) }

    @Test(
        "A target is visible ASCII in one of four forms, without a fragment (§ 3.2)",
        arguments: [
            "GET /é HTTP/1.1\r\n", "GET /a b HTTP/1.1\r\n", "GET /#a HTTP/1.1\r\n", "GET a HTTP/1.1\r\n",
            "GET * HTTP/1.1\r\n",
            "GET ftp://h/ HTTP/1.1\r\n", "GET http:/h HTTP/1.1\r\n", "GET http:// HTTP/1.1\r\n",
            "GET http:///p HTTP/1.1\r\n",
            "GET http://:80/ HTTP/1.1\r\n", "GET http://u@h/ HTTP/1.1\r\n", "GET h:80 HTTP/1.1\r\n",
            "GET ?q HTTP/1.1\r\n",
            "OPTIONS ** HTTP/1.1\r\n", "GET http://h\\/ HTTP/1.1\r\n",
        ])
    func target(text: String) { expect(text, .malformedTarget) }

    @Test(
        "Lines end in CRLF: neither byte stands alone (§ 2.2)",
        arguments: [
            ("GET / HTTP/1.1\nHost: a\n\n", RequestError.bareLineFeed),
            ("GET / HTTP/1.1\r\nHost: a\n\r\n", .bareLineFeed),
            ("GET / HTTP/1.1\r\nHost: a\r\n\n", .bareLineFeed), ("\nGET / HTTP/1.1\r\n", .bareLineFeed),
            ("GET / HTTP/1.1\rHost: a\r\n", .bareCarriageReturn),
            ("GET / HTTP/1.1\r\nX: a\rb\r\n", .bareCarriageReturn),
            ("GET / HTTP/1.1\r\nX: a\r\r\n", .bareCarriageReturn),
            ("GET / HTTP/1.1\r\nHost: a\r\n\rX", .bareCarriageReturn),
            ("\rGET / HTTP/1.1\r\n", .bareCarriageReturn),
        ])
    func lineEnds(text: String, error: RequestError) { expect(text, error) }

    @Test("No control byte stands in a head, but the tab in a value (RFC 9110 § 5.5)", arguments: UInt8.min...UInt8.max)
    func controlBytes(byte: UInt8) {
        let bytes = Array("GET / HTTP/1.1\r\nHost: a\r\nx: a".utf8) + [byte] + Array("b\r\n\r\n".utf8)
        let result = transcript([ByteBuffer(bytes: bytes)])
        switch byte {
        case 0x0A: #expect(result == "! bareLineFeed")
        case 0x0D: #expect(result == "! bareCarriageReturn")
        case 0x09, 0x20..<0x7F, 0x80...: #expect(result.hasSuffix("> keep\n"))
        default: #expect(result == "! controlByte")
        }
        for size in 1..<40 { #expect(transcript(pieces(bytes, of: size)) == result) }
    }

    @Test("A name is a token (RFC 9110 § 5.6.2)", arguments: UInt8.min...UInt8.max)
    func names(byte: UInt8) {
        let isToken = "!#$%&'*+-.^_`|~0123456789".utf8.contains(byte) || byte | 0x20 >= 0x61 && byte | 0x20 <= 0x7A
        for place in 0..<20 {
            var name = Array("abcdefghijklmnopqrst".utf8)
            name[place] = byte
            let bytes = Array("GET / HTTP/1.1\r\nHost: a\r\n".utf8) + name + Array(": v\r\n\r\n".utf8)
            let result = transcript([ByteBuffer(bytes: bytes)])
            // A colon ends a name; it may not be its first byte.
            #expect(result.hasPrefix("!") == !(isToken && byte < 0x80 || byte == 0x3A && place > 0))
        }
    }

    @Test(
        "A header line is a name, a colon at once, and a value (§ 5.1)",
        arguments: ["X : a", "X\t: a", "X", ": a", "X a", "X y: a", "Xé: a", "\"X\": a"])
    func fields(line: String) { expect(Self.head(line), .malformedField) }

    @Test(
        "Lines are not folded, and no white space stands before the first (§ 2.2, § 5.2)",
        arguments: [
            "GET / HTTP/1.1\r\n Host: a\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\n\tb\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a\r\nX: a\r\n b\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\n \r\n\r\n",
        ])
    func folded(text: String) { expect(text, .foldedField) }

    @Test(
        "HTTP/1.1 needs one host; two or a malformed one are refused in every version (§ 3.2)",
        arguments: [
            ("GET / HTTP/1.1\r\n\r\n", RequestError.missingHost), ("GET http://a/ HTTP/1.1\r\n\r\n", .missingHost),
            ("GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", .malformedHost),
            ("GET / HTTP/1.0\r\nHost: a\r\nhost: b\r\n\r\n", .malformedHost),
            ("GET / HTTP/1.1\r\nHost: a b\r\n\r\n", .malformedHost),
            ("GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", .malformedHost),
            ("GET / HTTP/1.1\r\nHost: u@a\r\n\r\n", .malformedHost),
            ("GET / HTTP/1.1\r\nHost: é\r\n\r\n", .malformedHost),
        ])
    func host(text: String, error: RequestError) { expect(text, error) }

    @Test(
        "A length is one number of digits, up to 2^53 (§ 6.3)",
        arguments: [
            "Content-Length:", "Content-Length: +5", "Content-Length: -1", "Content-Length: 0x5", "Content-Length: 5 5",
            "Content-Length: 5, 5", "Content-Length: 5,", "Content-Length: 5.0", "Content-Length: 9007199254740993",
            "Content-Length: 18446744073709551621", "Content-Length: 00000000000000005", "Content-Length: ٥",
            "Content-Length: 5\r\nContent-Length: 5", "Content-Length: 5\r\ncontent-length: 6",
        ])
    func length(lines: String) { expect(Self.head(lines), .malformedContentLength) }

    @Test("A length of 2^53 is read")
    func greatestLength() {
        #expect(transcript(Self.head("Content-Length: 9007199254740992")).hasSuffix(" <…"))
    }

    @Test(
        "A transfer coding is `chunked`, once; a length beside it is refused (§ 6.1, § 6.3)",
        arguments: [
            ("Transfer-Encoding: chunked\r\nContent-Length: 5", RequestError.ambiguousLength),
            ("Content-Length: 5\r\nTransfer-Encoding: chunked", .ambiguousLength),
            ("Content-Length: 0\r\nTransfer-Encoding: chunked", .ambiguousLength),
            ("Transfer-Encoding: gzip, chunked", .unknownTransferCoding),
            ("Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked", .unknownTransferCoding),
            ("Transfer-Encoding: gzip, chunked\r\nContent-Length: 5", .unknownTransferCoding),
            ("Transfer-Encoding: gzip", .malformedTransferEncoding),
            ("Transfer-Encoding: identity", .malformedTransferEncoding),
            ("Transfer-Encoding:", .malformedTransferEncoding), ("Transfer-Encoding: ,", .malformedTransferEncoding),
            ("Transfer-Encoding: chunked,", .malformedTransferEncoding),
            ("Transfer-Encoding: ,chunked", .malformedTransferEncoding),
            ("Transfer-Encoding: chunked, chunked", .malformedTransferEncoding),
            ("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", .malformedTransferEncoding),
            ("Transfer-Encoding: chunked, gzip", .malformedTransferEncoding),
            ("Transfer-Encoding: chunked;q=1", .malformedTransferEncoding),
            ("Transfer-Encoding: \"chunked\"", .malformedTransferEncoding),
            ("Transfer-Encoding: xchunked", .malformedTransferEncoding),
            ("Transfer-Encoding: chunked x", .malformedTransferEncoding),
            ("Transfer-Encoding : chunked", .malformedField), ("Transfer-Encoding: \u{B}chunked", .controlByte),
        ])
    func coding(lines: String, error: RequestError) { expect(Self.head(lines), error) }

    @Test("HTTP/1.0 knows no chunks (§ 6.1)")
    func codingOfOldClient() {
        expect("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", .malformedTransferEncoding)
    }

    @Test(
        "What was refused is told with its status, in a sentence without the client's bytes",
        arguments: RequestError.allCases)
    func statuses(error: RequestError) {
        #expect([400, 414, 431, 501, 505].contains(error.status))
        #expect(error.message.hasSuffix("."))
    }
}
