import NIOCore
import Testing

@testable import PolluxHTTP

/// A sequence of numbers that is the same in each run (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var result = state
        result = (result ^ (result >> 30)) &* 0xBF58_476D_1CE4_E5B9
        result = (result ^ (result >> 27)) &* 0x94D0_49BB_1331_11EB
        return result ^ (result >> 31)
    }
}

@Suite("Bytes of a hostile client")
struct RequestFuzzTests {
    static let words = [
        "GET ", "POST ", "/", "http://a", " HTTP/1.1", " HTTP/1.0", "\r\n", "\r\n", "\r\n\r\n", "\n", "\r", "Host: a",
        "Host: a\r\n",
        "Content-Length: ", "Transfer-Encoding: ", "chunked", "Connection: close", "Expect: 100-continue", ",", ";",
        ":", " ", "\t",
        "0", "5", "0\r\n\r\n", "5\r\nhello\r\n", "ff", "hello", "\u{0}", "é", "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\n",
    ]

    /// Words of the protocol in any order, with some bytes changed.
    static func bytes(_ random: inout SeededGenerator) -> [UInt8] {
        var result: [UInt8] = []
        for _ in 0..<Int.random(in: 1...12, using: &random) {
            result += words.randomElement(using: &random).map { Array($0.utf8) } ?? []
        }
        for _ in 0..<Int.random(in: 0...2, using: &random) {
            result[Int.random(in: 0..<result.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
        }
        return result
    }

    @Test("Never a crash, always an end, and the same result however the bytes are split", arguments: 0..<8)
    func splits(seed: Int) {
        var random = SeededGenerator(state: UInt64(seed))
        let limits = RequestLimits(headBytes: 200, fields: 5, emptyLines: 2, chunkExtensionBytes: 6, trailerBytes: 20)
        for _ in 0..<1500 {
            let bytes = Self.bytes(&random)
            let expected = transcript([ByteBuffer(bytes: bytes)], limits: limits)
            var cut: [ByteBuffer] = []
            var rest = bytes[...]
            while !rest.isEmpty {
                let piece = rest.prefix(Int.random(in: 0...9, using: &random))
                cut.append(ByteBuffer(bytes: piece))
                rest = rest.dropFirst(piece.count)
            }
            #expect(transcript(cut, limits: limits) == expected)
            #expect(transcript(pieces(bytes, of: 1), limits: limits) == expected)
        }
    }

    @Test("A valid request with one byte changed gives one result however it is split", arguments: 0..<4)
    func changedByte(seed: Int) {
        var random = SeededGenerator(state: UInt64(1000 + seed))
        for (text, _) in RequestFramingTests.readable {
            for place in text.utf8.indices {
                var bytes = Array(text.utf8)
                let offset = text.utf8.distance(from: text.utf8.startIndex, to: place)
                bytes[offset] = UInt8.random(in: 0...255, using: &random)
                let whole = transcript([ByteBuffer(bytes: bytes)])
                #expect(transcript(pieces(bytes, of: 1)) == whole)
            }
        }
    }

    @Test("What lies before and behind the readable bytes is never read")
    func bounds() throws {
        var buffer = ByteBuffer(string: "POST /secret HTTP/1.1\r\nHost: b\r\n\r\n")
        let start = buffer.writerIndex
        buffer.writeString("GET / HTTP/1.1\r\nHost: a\r\n")
        let end = buffer.writerIndex
        buffer.writeString("\r\nX: y\r\n\r\n")
        var bytes = try #require(buffer.getSlice(at: start, length: end - start))
        var framing = RequestFraming()
        #expect(try framing.next(&bytes) == nil)
        bytes = ByteBuffer(string: "\r\n")
        _ = try framing.next(&bytes)
        #expect(String(buffer: framing.head.bytes) == "GET / HTTP/1.1\r\nHost: a\r\n\r\n")
    }
}
