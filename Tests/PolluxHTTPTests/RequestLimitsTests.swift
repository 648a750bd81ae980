import NIOCore
import Testing

@testable import PolluxHTTP

@Suite("What a client may send around a body")
struct RequestLimitsTests {
    private static let head = "GET / HTTP/1.1\r\nHost: a\r\nX: yyyy\r\n\r\n"

    @Test("A head has a limit, which it may reach (RFC 6585 § 5)")
    func headBytes() {
        for pieces in everySplit(Self.head) {
            let count = Self.head.utf8.count
            #expect(transcript(pieces, limits: RequestLimits(headBytes: count)).hasSuffix("keep\n"))
            #expect(transcript(pieces, limits: RequestLimits(headBytes: count - 1)) == "! headTooLarge")
            #expect(transcript(pieces, limits: RequestLimits(headBytes: 17)) == "! headTooLarge")
            #expect(transcript(pieces, limits: RequestLimits(headBytes: 15)) == "! targetTooLong")
        }
        #expect(RequestError.headTooLarge.status == 431)
        #expect(RequestError.targetTooLong.status == 414)
    }

    @Test("The limits stand before what lies behind them, however the bytes are split")
    func limitComesFirst() {
        let text = "GET / HTTP/1.1\r\nHost: a\r\nX: yyyyyyyyyyyy\u{0}\r\n\r\n"
        for pieces in everySplit(text) {
            #expect(transcript(pieces, limits: RequestLimits(headBytes: 36)) == "! headTooLarge")
            #expect(transcript(pieces, limits: RequestLimits(headBytes: 48)) == "! controlByte")
        }
    }

    @Test("By default a head has 16 KiB and 100 headers; no configuration allows more than 64 KiB")
    func defaults() {
        let long = "GET / HTTP/1.1\r\nHost: a\r\nX: " + String(repeating: "y", count: 20_000) + "\r\n\r\n"
        #expect(transcript(long) == "! headTooLarge")
        #expect(transcript(long, limits: RequestLimits(headBytes: 30_000)).hasSuffix("keep\n"))
        var limits = RequestLimits(headBytes: 1 << 20)
        #expect(limits.headBytes == 65_535)
        limits.headBytes = 1 << 20
        #expect(limits.headBytes == 65_535)
        let full = "GET / HTTP/1.1\r\nHost: a\r\nX: " + String(repeating: "y", count: 65_535 - 32) + "\r\n\r\n"
        #expect(full.utf8.count == 65_535)
        #expect(transcript(full, limits: limits).hasSuffix("keep\n"))
        #expect(transcript(" " + full, limits: limits) == "! malformedRequestLine")
        #expect(transcript(full.replacing("Host: a", with: "Host: ab"), limits: limits) == "! headTooLarge")
    }

    @Test("Headers are counted")
    func fields() {
        func head(_ count: Int) -> String {
            "GET / HTTP/1.1\r\nHost: a\r\n" + (1..<count).map { "X-\($0): \($0)\r\n" }.joined() + "\r\n"
        }
        #expect(transcript(head(100)).hasSuffix("keep\n"))
        #expect(transcript(head(101)) == "! tooManyFields")
        #expect(RequestError.tooManyFields.status == 431)
    }

    @Test("A few empty lines before a request are skipped, before each anew (§ 2.2)")
    func emptyLines() {
        let lines = String(repeating: "\r\n", count: 4)
        #expect(transcript(lines + Self.head + lines + Self.head).hasSuffix("keep\n"))
        #expect(transcript(lines + "\r\n" + Self.head) == "! tooManyEmptyLines")
    }

    @Test("A head without an end, byte by byte, costs the limit and no more", .timeLimit(.minutes(1)))
    func endless() {
        var framing = RequestFraming(limits: RequestLimits(headBytes: 65_535))
        var error: RequestError?
        var count = 0
        for byte in "GET / HTTP/1.1\r\nX: ".utf8 {
            var bytes = ByteBuffer(bytes: [byte])
            #expect(throws: Never.self) { try framing.next(&bytes) }
            count += 1
        }
        let piece = ByteBuffer(bytes: [UInt8(ascii: "y")])
        while error == nil, count < 1 << 20 {
            var bytes = piece
            do throws(RequestError) { _ = try framing.next(&bytes) } catch let failure { error = failure }
            count += 1
        }
        #expect(error == .headTooLarge)
        #expect(count == 65_535)
    }

    @Test("A megabyte in one piece is refused after the limit")
    func oversized() {
        #expect(transcript(String(repeating: "a", count: 1 << 20)) == "! targetTooLong")
        #expect(transcript("GET / HTTP/1.1\r\n" + String(repeating: "a: b\r\n", count: 1 << 17)) == "! tooManyFields")
    }
}
