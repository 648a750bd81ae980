import PolluxOpenAIWire
import PolluxRelay
import PolluxTranslation
import Testing

@Suite("Errors of self-deployed models (09 § 6; ERR-001, ERR-004, ERR-017, ERR-022, ERR-024)")
struct ContainerErrorTests {
    struct Case: Sendable {
        var status: Int
        var body: String
        var expected: (status: Int, kind: APIError.Kind, code: String?, param: String?)

        init(_ status: Int, _ body: String, _ to: Int, _ kind: APIError.Kind, _ code: String?, _ param: String? = nil) {
            self.status = status
            self.body = body
            expected = (to, kind, code, param)
        }
    }

    static let cases: [Case] = [
        Case(
            400, #"{"error":{"message":"m","type":"BadRequestError","param":"temperature","code":400}}"#, 400,
            .invalidRequest, "invalid_value", "temperature"),
        Case(
            404, #"{"error":{"message":"The x does not exist.","type":"NotFoundError","param":null,"code":404}}"#, 404,
            .invalidRequest, "model_not_found", "model"),
        Case(
            400, #"{"object":"error","message":"m","type":"BadRequestError","param":null,"code":400}"#, 400,
            .invalidRequest, "invalid_value"),
        Case(
            400, #"{"error":{"message":"This model's maximum context length is 10 tokens.","code":400}}"#, 400,
            .invalidRequest, "context_length_exceeded", "messages"),
        Case(
            429, #"{"error":{"message":"m","type":"rate_limit_error","param":null,"code":"slow_down"}}"#, 429,
            .rateLimit, "slow_down"),
        Case(
            429, #"{"error":{"message":"m","type":"throttling_error","param":null,"code":"429"}}"#, 429, .rateLimit,
            "rate_limit_exceeded"),
        Case(
            404, #"{"error":{"message":"m","type":"None","param":"None","code":"404"}}"#, 404, .invalidRequest,
            "model_not_found", "None"),
        Case(422, #"{"error":"Input validation error","error_type":"validation"}"#, 422, .invalidRequest, "validation"),
        Case(424, #"{"error":"Request failed","error_type":"generation"}"#, 500, .server, "generation"),
        Case(429, #"{"error":"Model is overloaded","error_type":"overloaded"}"#, 429, .rateLimit, "overloaded"),
        Case(
            500, #"{"error":"m","error_type":"incomplete_generation"}"#, 500, .server, "incomplete_generation"),
        Case(
            422, #"{"detail":[{"loc":["body","n"],"msg":"bad"}]}"#, 422, .invalidRequest, "unprocessable_entity"),
        Case(400, #"{"detail":"m"}"#, 400, .invalidRequest, "invalid_value"),
        Case(404, #"{"detail":"Not Found"}"#, 404, .invalidRequest, "not_found"),
        Case(503, "<html><h1>Busy</h1></html>", 503, .server, "service_unavailable"),
        Case(
            429, #"[{"error":{"code":429,"message":"m","status":"RESOURCE_EXHAUSTED"}}]"#, 429, .rateLimit,
            "rate_limit_exceeded"),
        Case(
            404, #"{"error":{"code":404,"message":"Endpoint was not found","status":"NOT_FOUND"}}"#, 404,
            .invalidRequest, "not_found"),
        Case(
            401, #"{"error":"Unauthorized","error_type":"validation"}"#, 502, .server, "upstream_authentication_failed"),
    ]

    @Test("Every shape becomes OpenAI's, with a code that is a word", arguments: cases)
    func shapes(example: Case) {
        let error = ContainerError.translate(
            status: example.status, body: Array(example.body.utf8).span, credential: .gateway)
        #expect(error.status == example.expected.status)
        #expect(error.kind == example.expected.kind)
        #expect(error.code == example.expected.code)
        #expect(error.param == example.expected.param)
        #expect(!error.message.isEmpty)
    }

    @Test("A spent quota is not asked for again, whoever names it so (ERR-044, ERR-018)")
    func spentQuota() {
        let body = Array(#"{"error":{"message":"m","type":"insufficient_quota","code":"insufficient_quota"}}"#.utf8)
        let error = ContainerError.translate(status: 429, body: body.span, credential: .gateway)
        #expect(error.code == "insufficient_quota")
        #expect(error.shouldRetry == false)
    }

    @Test("A client's own refused credential is a 401 (ERR-012); no credential is repeated (CRED-010)")
    func credentials() {
        let body = Array(#"{"error":{"message":"Bad token Bearer ya29.secret","code":401}}"#.utf8)
        let error = ContainerError.translate(status: 401, body: body.span, credential: .client)
        #expect(error.status == 401)
        #expect(error.code == "invalid_api_key")
        #expect(!error.message.contains("secret"))
    }
}
