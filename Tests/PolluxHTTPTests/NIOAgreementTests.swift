import NIOCore
import NIOEmbedded
import NIOHTTP1
import Testing

@testable import PolluxHTTP

/// Valid requests mean the same to us as to NIOHTTP1's parser, which many servers use.
@Suite("Agreement with another parser")
struct NIOAgreementTests {
    /// Requests of random methods, targets, fields and bodies, one behind the other.
    private func requests(_ random: inout SeededGenerator) -> [UInt8] {
        var text = ""
        for _ in 0..<Int.random(in: 1...3, using: &random) {
            let method = ["GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS"].randomElement(using: &random) ?? "GET"
            let target =
                ["/", "/v1/chat/completions", "/a?b=c&d=%20", "/v1//x/../y"].randomElement(using: &random) ?? "/"
            text += "\(method) \(target) HTTP/1.1\r\nHost: localhost:8080\r\n"
            for _ in 0..<Int.random(in: 0...6, using: &random) {
                let name =
                    ["Accept", "X-Stainless-OS", "authorization", "a_b", "X", "cookie"].randomElement(using: &random)
                    ?? "X"
                let value =
                    ["", "a", "Bearer abc.def", "a, b;q=0.5", "tab\there", "é"].randomElement(using: &random) ?? ""
                let blank = ["", " ", "  ", "\t"].randomElement(using: &random) ?? ""
                text += "\(name):\(blank)\(value)\(blank)\r\n"
            }
            let body = String(repeating: "body!", count: Int.random(in: 0...40, using: &random))
            switch Int.random(in: 0...2, using: &random) {
            case 0: text += "\r\n"
            case 1: text += "Content-Length: \(body.utf8.count)\r\n\r\n" + body
            default:
                text += "Transfer-Encoding: chunked\r\n\r\n"
                var rest = Substring(body)
                while !rest.isEmpty {
                    let chunk = rest.prefix(Int.random(in: 1...30, using: &random))
                    text += String(chunk.utf8.count, radix: 16, uppercase: Bool.random(using: &random))
                    text += "\r\n" + chunk + "\r\n"
                    rest = rest.dropFirst(chunk.count)
                }
                text += "0\r\n\r\n"
            }
        }
        return Array(text.utf8)
    }

    @Test("Methods, targets, fields and bodies are the same", arguments: 0..<8)
    func agrees(seed: Int) throws {
        var random = SeededGenerator(state: UInt64(2000 + seed))
        for _ in 0..<60 {
            let bytes = requests(&random)
            let size = Int.random(in: 1...bytes.count, using: &random)
            #expect(try ours(pieces(bytes, of: size)) == nio(bytes))
        }
    }

    private func ours(_ pieces: [ByteBuffer]) throws -> [String] {
        var framing = RequestFraming()
        var result: [String] = []
        for piece in pieces {
            var bytes = piece
            while let event = try framing.next(&bytes) {
                switch event {
                case .head:
                    let head = framing.head
                    let fields = (0..<head.fieldCount).map { "\(head.name(at: $0))=\(head.value(at: $0))" }
                    result.append("\(head.methodText) \(head.target) \(fields) \(head.keepsAlive) ")
                case .body(let body): result[result.count - 1] += String(buffer: body)
                case .end: framing.startNext()
                }
            }
        }
        return result
    }

    private func nio(_ bytes: [UInt8]) throws -> [String] {
        let decoder = ByteToMessageHandler(HTTPRequestDecoder(leftOverBytesStrategy: .dropBytes))
        let channel = EmbeddedChannel(handler: decoder)
        try channel.writeInbound(ByteBuffer(bytes: bytes))
        var result: [String] = []
        while let part = try channel.readInbound(as: HTTPServerRequestPart.self) {
            switch part {
            case .head(let head):
                // It leaves the white space behind a value, which is no part of it (RFC 9110 § 5.5).
                let fields = head.headers.map { "\($0.name.lowercased())=\(trimmed($0.value))" }
                result.append("\(head.method.rawValue) \(head.uri) \(fields) \(head.isKeepAlive) ")
            case .body(let body): result[result.count - 1] += String(buffer: body)
            case .end: break
            }
        }
        _ = try channel.finish()
        return result
    }

    private func trimmed(_ value: String) -> String {
        String(value.reversed().drop { $0 == " " || $0 == "\t" }.reversed())
    }
}
