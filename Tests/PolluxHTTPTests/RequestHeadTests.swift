import NIOCore
import Testing

@testable import PolluxHTTP

@Suite("The head of a request")
struct RequestHeadTests {
    private func head(_ lines: String, _ line: String = "POST /v1/chat/completions?a=b HTTP/1.1") throws -> RequestHead
    {
        var framing = RequestFraming()
        var bytes = ByteBuffer(string: "\(line)\r\nHost: a\r\n\(lines)\r\n\r\n")
        _ = try framing.next(&bytes)
        return framing.head
    }

    @Test("Values are found by name, whatever the letters' case (RFC 9110 § 5.1)")
    func values() throws {
        let head = try head(
            "AUTHORIZATION: Bearer x\r\nX-Request-Id: 1\r\nx-request-id: 2\r\nA:\r\nx-server-timeout: 3")
        #expect(head.value("authorization") == "Bearer x")
        #expect(head.value("x-request-id") == "1")
        #expect(head.value("a") == "")
        #expect(head.value("x-server-timeout") == "3")
        #expect(head.value("b") == nil)
        #expect(head.value("x-request-ie") == nil)
        #expect(head.value("authorizatiom") == nil)
        #expect(head.value("") == nil)
        #expect(head.contains("host"))
        #expect(!head.contains("hos"))
        #expect(head.has("authorization", value: "Bearer x"))
        #expect(!head.has("authorization", value: "bearer x"))
        #expect(!head.has("absent", value: ""))
        #expect(head.values(named: "X-REQUEST-id") == ["1", "2"])
        #expect(head.values(named: "x-request") == [])
    }

    @Test("Several names are found in one pass, each with its first value, in the order in which they came")
    func severalNames() throws {
        let names = FieldNames(["authorization", "x-request-id", "traceparent", "api-key"])
        let head = try head(
            "x-request-ib: 0\r\nX-Request-Id: 1\r\nAPI-KEY:\r\nx-request-id: 2\r\nauthorization: Bearer x")
        let found = values(of: names, in: head)
        #expect(found.map(\.name) == [1, 3, 0])
        #expect(found.map(\.value) == ["1", "", "Bearer x"])
        #expect(values(of: names, in: try self.head("a: b")).isEmpty)
        let many = try self.head((1..<90).map { "X-\($0): \($0)" }.joined(separator: "\r\n") + "\r\napi-key: z")
        #expect(values(of: names, in: many).map(\.value) == ["z"])
    }

    private func values(of names: FieldNames, in head: RequestHead) -> [(name: Int, value: String)] {
        var found: [(name: Int, value: String)] = []
        head.forEachValue(of: names) { name, value in
            found.append((name, String(decoding: value.indices.map { value[$0] }, as: UTF8.self)))
        }
        return found
    }

    @Test("A name differs from every other of its length")
    func names() throws {
        let head = try head("abcdefghij-0123456789: x\r\n~~~~~~~~~: y\r\na: z")
        #expect(head.value("abcdefghij-0123456789") == "x")
        for place in 0..<21 {
            for byte in "!#$%&'*+.^_`|~09azAZ".utf8 {
                var name = Array("abcdefghij-0123456789".utf8)
                guard name[place] != byte, name[place] != byte | 0x20 || byte | 0x20 < 0x61 else { continue }
                name[place] = byte
                let other = try self.head("\(String(decoding: name, as: UTF8.self)): x")
                #expect(!other.contains("abcdefghij-0123456789"))
            }
        }
    }

    @Test("More fields than the table holds are found as well, in the order in which they came")
    func manyFields() throws {
        let head = try head((1..<90).map { "X-\($0): \($0)" }.joined(separator: "\r\n") + "\r\nlast: z")
        #expect(head.fieldCount == 91)
        #expect(head.value("x-30") == "30")
        #expect(head.value("x-31") == "31")
        #expect(head.value("x-32") == "32")
        #expect(head.value("x-89") == "89")
        #expect(head.value("last") == "z")
        #expect(head.name(at: 90) == "last")
        #expect(head.values(named: "X-77") == ["77"])
    }

    @Test("The target is compared and told without scheme and host (§ 3.2.2)")
    func target() throws {
        let plain = try head("a: b")
        #expect(plain.isTarget("/v1/chat/completions?a=b"))
        #expect(!plain.isTarget("/v1/chat/completions"))
        #expect(plain.method == .post)
        let absolute = try head("a: b", "GET http://h:8080/healthz HTTP/1.1")
        #expect(absolute.isTarget("/healthz"))
        #expect(absolute.target == "/healthz")
        #expect(absolute.sentTarget == "http://h:8080/healthz")
        #expect(absolute.method == .get)
    }

    @Test(
        "Methods are told apart by their exact letters (RFC 9110 § 9.1)",
        arguments: [
            ("GET", RequestMethod.get), ("HEAD", .head), ("POST", .post), ("OPTIONS", .options), ("PUT", .other),
            ("DELETE", .other), ("PATCH", .other), ("TRACE", .other),
        ])
    func methods(text: String, method: RequestMethod) throws {
        let head = try head("a: b", "\(text) / HTTP/1.1")
        #expect(head.method == method)
        #expect(head.methodText == text)
    }

    @Test("A value that is not UTF-8 is repaired when it is asked for")
    func repairs() throws {
        var framing = RequestFraming()
        var bytes = ByteBuffer(bytes: Array("GET / HTTP/1.1\r\nHost: a\r\nx: a".utf8) + [0xFF] + Array("\r\n\r\n".utf8))
        _ = try framing.next(&bytes)
        #expect(framing.head.value("x") == "a\u{FFFD}")
    }
}
