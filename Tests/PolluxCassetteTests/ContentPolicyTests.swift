import PolluxJSON
import PolluxSecret
import Testing

@testable import PolluxCassette

@Suite("Contents and secrets of recordings")
struct ContentPolicyTests {
    static let request = json(
        #"{"model":"m","messages":[{"role":"user","content":"Hello"}],"max_tokens":7,"args":{"n":5,"type":"x","ok":true}}"#
    )

    static func json(_ text: String) -> JSONValue {
        let bytes = Array(text.utf8)
        return JSONValue(parsing: bytes.span) ?? .null
    }

    @Test("Removed contents leave names, words, numbers and shape")
    func removed() {
        #expect(
            ContentPolicy.remove.apply(to: Self.request)
                == Self.json(
                    #"{"model":"m","messages":[{"role":"user","content":"[5 bytes]"}],"max_tokens":7,"args":{"n":"[1 bytes]","type":"[1 bytes]","ok":"[4 bytes]"}}"#
                )
        )
    }

    @Test("Hashed contents can be told apart")
    func hashed() {
        let hello = ContentPolicy.hash.apply(to: .string("hello world"))
        #expect(hello == .string("[sha256 b94d27b9934d3e08, 11 bytes]"))
        #expect(hello != ContentPolicy.hash.apply(to: .string("hello World")))
    }

    @Test("Text that is no JSON is contents, but for comments and a stream's end")
    func texts() {
        #expect(ContentPolicy.remove.apply(to: piece(.text("<p>x</p>"))) == piece(.text("[8 bytes]")))
        #expect(ContentPolicy.remove.apply(to: piece(.text("data: [DONE]\n\n"))) == piece(.text("data: [DONE]\n\n")))
        #expect(ContentPolicy.remove.apply(to: piece(.bytes([1, 2]))) == piece(.text("[2 bytes]")))
    }

    @Test("A secret stands nowhere, whatever the policy", arguments: ContentPolicy.allCases)
    func secrets(policy: ContentPolicy) {
        let secret = "AIza-canary-1234"
        let cleaner = BodyCleaner(contents: policy, secrets: [Secret(secret)])
        var bodies: [[UInt8]] = []
        for text in [#"{"role":"\#(secret)","b":"x \#(secret) y"}"#, "data: {\"a\":\"\(secret)\"}\n\n", "<\(secret)>"] {
            bodies.append(Array(text.utf8))
        }
        bodies.append([0xFF] + Array(secret.utf8))
        for body in bodies {
            let pieces = cleaner.pieces(
                ExchangeRecording.Body(arrivals: [Pieces.Arrival(milliseconds: 0, bytes: body)])
            )
            #expect(pieces.allSatisfy { !String(decoding: $0.wire, as: UTF8.self).contains(secret) })
        }
        #expect(cleaner.text("/v1?x=\(secret)") == "/v1?x=[removed]")
    }

    @Test("Only headers that are known to be harmless are kept, and no key in an address")
    func headers() {
        let headers = [
            (name: "authorization", value: "Bearer x"), (name: "content-type", value: "a/b"),
            (name: "x-new", value: "y"),
        ]
        #expect(RecordedHeaders.kept(headers) == [Cassette.Header(name: "content-type", value: "a/b")])
        #expect(RecordedHeaders.withoutKeys("/v1/x?key=secret&alt=sse") == "/v1/x?alt=sse")
        #expect(RecordedHeaders.withoutKeys("/v1/x?key=secret") == "/v1/x")
    }
}
