import PolluxOpenAIWire
import Testing

@Suite("Errors of our own")
struct ErrorTests {
    @Test("A bug of ours is told in OpenAI's words, and nothing of what is inside (ERR-028)")
    func internalError() {
        let error = APIError.internalError
        #expect(error.status == 500)
        #expect(
            String(decoding: error.body(), as: UTF8.self)
                == #"{"error":{"code":"internal_error","message":"The server had an error while processing your request. "#
                + #"Sorry about that!","param":null,"type":"server_error"}}"#
        )
    }

    @Test("Delays are told in both headers, rounded up (ERR-040)", arguments: [(1, "1"), (1000, "1"), (1001, "2")])
    func delay(milliseconds: Int, seconds: String) {
        let error = APIError(status: 503, kind: .server, message: "", retryAfter: .milliseconds(milliseconds))
        #expect(error.headers.map(\.0) == ["retry-after", "retry-after-ms"])
        #expect(error.headers.map(\.1) == [seconds, String(milliseconds)])
    }
}
