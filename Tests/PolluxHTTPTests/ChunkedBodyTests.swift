import NIOCore
import Testing

@testable import PolluxHTTP

@Suite("Chunked bodies (RFC 9112 § 7.1)")
struct ChunkedBodyTests {
    private static let head = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
    private static let summary = "POST / [host=a;transfer-encoding=chunked] <"

    private func expect(_ body: String, _ expected: String) {
        let bytes = Array((Self.head + body).utf8)
        for size in 1...bytes.count { #expect(transcript(pieces(bytes, of: size)) == Self.summary + expected) }
        for cut in Self.head.utf8.count...bytes.count {
            let pieces = [ByteBuffer(bytes: bytes[..<cut]), ByteBuffer(bytes: bytes[cut...])]
            #expect(transcript(pieces) == Self.summary + expected)
        }
    }

    @Test(
        "Data is put together, however the bytes are split",
        arguments: [
            ("0\r\n\r\n", ""), ("1\r\na\r\n0\r\n\r\n", "a"),
            ("a\r\n0123456789\r\nA\r\n0123456789\r\n0\r\n\r\n", "01234567890123456789"),
            ("0000000000000003\r\na\r\n\r\n000\r\n\r\n", "a\r\n"), ("2;a\r\nxy\r\n0;b=c;d=\"e f\"\r\n\r\n", "xy"),
            ("1 \t ;a\r\nx\r\n0\r\n\r\n", "x"), ("5\r\n0\r\n\r\n\r\n0\r\n\r\n", "0\r\n\r\n"),
            ("0\r\nA: b\r\nC:\r\nContent-Lengths: 7\r\n\r\n", ""),
        ])
    func reads(body: String, data: String) { expect(body, data + "> keep\n") }

    @Test(
        "A size is up to 16 hexadecimal digits and 2^53; its line and the data end in CRLF",
        arguments: [
            "\r\n", "g\r\n", "-1\r\n", "+1\r\n", "0x1\r\n", " 1\r\n", "1 \r\n", "1 x\r\n", "1,2\r\n", ";a\r\n", "1\n",
            "1\r1",
            "00000000000000001\r\n", "20000000000001\r\n", "FFFFFFFFFFFFFFFF\r\n", "8000000000000000\r\n",
            "1;a\u{0}\r\n", "1;a\n",
            "1;a\r;", "1 \r\n", "é\r\n",
        ])
    func refusesSize(body: String) { expect(body, "! malformedChunk") }

    @Test(
        "Data has its size, and then its line ends",
        arguments: ["1\r\nab\r\n", "1\r\na\n", "1\r\na\rb", "1\r\na0\r\n\r\n"])
    func refusesEnd(body: String) {
        expect(body, "a! malformedChunk")
    }

    @Test("A size of 2^53 is read")
    func greatestSize() { expect("20000000000000\r\nx", "x…") }

    @Test(
        "Trailers are checked as headers are",
        arguments: [
            "A\r\n", "A : b\r\n", ": b\r\n", " A: b\r\n", "A: b\r\n c\r\n", "A: b\n", "A: b\rc", "A: \u{0}\r\n", "\n",
            "\rX", "é: b\r\n", "Content-Length: 7\r\n", "transfer-encoding: chunked\r\n",
        ])
    func refusesTrailers(lines: String) { expect("0\r\n" + lines, "! malformedTrailer") }

    @Test("Extensions have one limit over all chunks")
    func extensions() {
        let limits = RequestLimits(chunkExtensionBytes: 8)
        let fits = Self.head + "1;abc\r\nx\r\n1;abc\r\ny\r\n0\r\n\r\n"
        #expect(transcript(fits, limits: limits) == Self.summary + "xy> keep\n")
        let exceeds = Self.head + "1;abc\r\nx\r\n1;abc\r\ny\r\n0;\r\n\r\n"
        for pieces in everySplit(exceeds) {
            #expect(transcript(pieces, limits: limits) == Self.summary + "xy! chunkExtensionsTooLong")
        }
    }

    @Test("Trailers have a limit of bytes and of lines, and the next body begins anew")
    func trailers() {
        let body = "0\r\nabc: d\r\n\r\n"  // 8 bytes of trailers
        #expect(
            transcript(Self.head + body + Self.head + body, limits: RequestLimits(trailerBytes: 8)).hasSuffix(
                "<> keep\n"))
        #expect(transcript(Self.head + body, limits: RequestLimits(trailerBytes: 7)).hasSuffix("! trailersTooLarge"))
        let lines = Self.head + "0\r\na:\r\nb:\r\nc:\r\n\r\n"
        #expect(transcript(lines, limits: RequestLimits(fields: 3)).hasSuffix("<> keep\n"))
        #expect(transcript(lines, limits: RequestLimits(fields: 2)).hasSuffix("! trailersTooLarge"))
    }
}
