import NIOCore
import Testing

@testable import PolluxHTTP

@Suite("A head that comes again on a connection")
struct RepeatedHeadTests {
    private static func request(_ length: String, _ body: String, _ more: String = "") -> String {
        "POST /v1 HTTP/1.1\r\nHost: a\r\nContent-Length: \(length)\r\nX: y\r\n\(more)\r\n\(body)"
    }

    /// Whether each request's head was known by the one before.
    private func isRepeated(_ requests: [String]) throws -> [Bool] {
        var framing = RequestFraming()
        return try requests.map { text in
            var bytes = ByteBuffer(string: text)
            while let event = try framing.next(&bytes) { if case .end = event { break } }
            framing.forgetHead()
            framing.startNext()
            return framing.isRepeated
        }
    }

    @Test("It is known, also with another length of as many digits; every other head is parsed")
    func known() throws {
        let one = Self.request("1", "x")
        #expect(try isRepeated([one, one, one]) == [false, true, true])
        #expect(try isRepeated([one, Self.request("3", "abc"), one]) == [false, true, true])
        #expect(try isRepeated([one, Self.request("12", "twelve bytes"), one]) == [false, false, false])
        #expect(try isRepeated([one, Self.request("0", ""), Self.request("0", "")]) == [false, false, true])
        let get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"
        #expect(try isRepeated([get, get, one, get]) == [false, true, false, false])
        let chunked = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n"
        #expect(try isRepeated([chunked, chunked]) == [false, true])
        let long = Self.request("1", "x", "Y: \(String(repeating: "y", count: HeadMemory.maximumBytes))\r\n")
        #expect(try isRepeated([long, long]) == [false, false])
    }

    @Test("One behind empty lines, or cut in pieces, says the same")
    func pieces() {
        let text = Self.request("1", "x") + "\r\n" + Self.request("2", "ab") + Self.request("1", "y")
        for pieces in everySplit(text) { #expect(transcript(pieces) == transcript(text)) }
        #expect(transcript(text).split(separator: "\n").count == 3)
    }

    /// What a request is cut into never depends on the one before it.
    private func compare(_ first: String, _ second: [UInt8]) {
        let alone = transcript([ByteBuffer(bytes: second)])
        #expect(transcript([ByteBuffer(string: first), ByteBuffer(bytes: second)]) == transcript(first) + alone)
    }

    @Test(
        "With any byte changed it means what it means alone",
        arguments: [
            request("1", "x"), request("12", "twelve bytes"), request("3", "abc", "Expect: 100-continue\r\n"),
            request("007", "0123456", "Connection: keep-alive\r\n"),
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n",
            "GET /a?b HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
        ])
    func changed(_ text: String) {
        let bytes = Array(text.utf8)
        compare(text, bytes)
        for place in bytes.indices {
            for byte in [0, 9, 10, 13, 32, 0x30, 0x31, 0x39, 0x3A, 0x61, 0x7F, 0xFF, bytes[place] ^ 0x20] as [UInt8] {
                var other = bytes
                other[place] = byte
                compare(text, other)
            }
            compare(text, Array(bytes[..<place]))
            compare(text, Array(bytes[..<place] + bytes[(place + 1)...]))
            compare(text, Array(bytes[..<place] + [0x31] + bytes[place...]))
        }
    }
}
