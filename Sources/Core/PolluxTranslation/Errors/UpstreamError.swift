public import PolluxJSON
public import PolluxOpenAIWire

/// An upstream's error answer → OpenAI's error (05).
public enum UpstreamError {
    /// Whose credential the upstream saw: it decides what a 401 means (ERR-012).
    public enum Credential: Sendable { case client, gateway }

    /// What was read of the body.
    private struct Reading {
        var message = ""
        var status: String?
        var code: Int?
        var errorType: String?
        var details: JSONNode?
    }

    /// What an error's body may cost.
    private static let limits = JSONLimits(maximumDepth: 64, maximumValues: 100_000, acceptsLoneSurrogates: true)
    /// Longest message that is relayed, in characters.
    static let maximumMessage = 4000
    /// Longest `details` that are relayed, in bytes.
    static let maximumDetails = 16384

    /// The error for a status and a body of any of the known shapes (ERR-004).
    ///
    /// - Parameter retryAfter: what the upstream's headers ask to wait (ERR-041).
    public static func translate(
        status: Int, body: Span<UInt8>, retryAfter: Duration? = nil, credential: Credential
    ) -> APIError {
        var tape = JSONTape()
        guard (try? tape.parse(body, limits: limits)) != nil else {  // Text or HTML: ERR-004.
            var reading = Reading()
            reading.message = ErrorPage.text(body)
            return error(status: status, reading, nil, retryAfter: retryAfter, credential: credential)
        }
        let json = tape.document(of: body)
        return translate(.root, of: json, status: status, retryAfter: retryAfter, credential: credential)
    }

    /// The error object of a stream event, whose HTTP status is in its own `code`.
    public static func translate(event json: JSONDocument, credential: Credential) -> APIError {
        translate(.root, of: json, status: nil, retryAfter: nil, credential: credential)
    }

    /// Whether a document is an error rather than an answer.
    public static func isError(_ json: borrowing JSONDocument) -> Bool {
        var members = json.members(unwrapped(.root, of: json))
        while let member = members.next(in: json) {
            if json.equals(member.key, "error"), !json.isNull(member.value) { return true }
            if json.equals(member.key, "object"), json.equals(member.value, "error") { return true }
        }
        return false
    }

    private static func translate(
        _ root: JSONNode, of json: JSONDocument, status: Int?, retryAfter: Duration?, credential: Credential,
        outer: Reading? = nil
    ) -> APIError {
        var reading = Reading()
        read(unwrapped(root, of: json), of: json, into: &reading)
        let status = status ?? reading.code.flatMap { (400...599).contains($0) ? $0 : nil }
        if let outer {
            if let word = outer.status, isCanonical(word) { reading.status = word }
        } else if let inner = nested(in: reading, status: status, retryAfter: retryAfter, credential: credential) {
            return inner
        }
        let own = status ?? statusCode(reading.status)
        var result = error(status: own, reading, json, retryAfter: retryAfter, credential: credential)
        if result.kind == .server, reading.errorType == "overloaded" { result.code = "service_unavailable" }
        return result
    }

    // MARK: Reading

    /// The error of Google's one-element array (ERR-002).
    private static func unwrapped(_ node: JSONNode, of json: borrowing JSONDocument) -> JSONNode {
        var elements = json.elements(node)
        return elements.next(in: json) ?? node
    }

    private static func read(_ node: JSONNode, of json: borrowing JSONDocument, into reading: inout Reading) {
        if let error = json.value("error", of: node) {
            if json.isObject(error) {
                readMembers(error, of: json, into: &reading)
            } else {
                reading.message = json.string(error)  // TGI
                reading.errorType = json.value("error_type", of: node).map { json.string($0) }
            }
        } else if json.value("message", of: node) != nil {
            readMembers(node, of: json, into: &reading)  // old vLLM
        } else if let detail = json.value("detail", of: node) {  // FastAPI
            reading.message = json.isString(detail) ? json.string(detail) : String(copying: json.raw(detail))
        } else if json.isString(node) {
            reading.message = json.string(node)
        }
    }

    private static func readMembers(_ error: JSONNode, of json: borrowing JSONDocument, into reading: inout Reading) {
        reading.message = json.value("message", of: error).map { json.string($0) } ?? ""
        reading.status = json.value("status", of: error).flatMap { json.isString($0) ? json.string($0) : nil }
        reading.code = json.value("code", of: error).flatMap { json.integer($0) ?? Int(json.string($0)) }
        reading.errorType = json.value("type", of: error).map { json.string($0) }
        if let details = json.value("details", of: error), json.isArray(details) { reading.details = details }
    }

    /// A message that is itself a JSON error is unwrapped once: what it says, and how long to wait, is meant.
    private static func nested(
        in outer: Reading, status: Int?, retryAfter: Duration?, credential: Credential
    ) -> APIError? {
        guard let first = outer.message.first(where: { !$0.isWhitespace }), first == "{" || first == "[" else {
            return nil
        }
        let bytes = Array(outer.message.utf8)
        var tape = JSONTape()
        guard (try? tape.parse(bytes.span, limits: limits)) != nil else { return nil }  // It only looks like JSON.
        let json = tape.document(of: bytes.span)
        var reading = Reading()
        read(unwrapped(.root, of: json), of: json, into: &reading)
        if reading.message.isEmpty { return nil }
        return translate(
            .root, of: json, status: status, retryAfter: retryAfter, credential: credential, outer: outer)
    }

    /// Whether it is one of Google's words: some gateways put a status line's in their place.
    private static func isCanonical(_ status: String) -> Bool {
        status.utf8.allSatisfy { $0 &- UInt8(ascii: "A") < 26 || $0 == UInt8(ascii: "_") }
    }

    // MARK: Meaning

    private static func error(
        status: Int, _ reading: Reading, _ json: JSONDocument?, retryAfter: Duration?, credential: Credential
    ) -> APIError {
        var facts = ErrorFacts()
        var details: [UInt8]?
        if let json, let node = reading.details {
            facts = ErrorFacts(node, of: json)
            details = relayed(node, of: json)
        }
        let message = reading.message.isEmpty ? "Upstream returned HTTP \(status)." : reading.message
        var result = meaning(status: status, google: reading.status, message: message, facts, credential)
        if result.code == gatewayCredentialFailed.code { return result }
        result.googleStatus = reading.status
        result.details = details
        result.retryAfter = facts.retryDelay ?? retryAfter
        if result.code == "insufficient_quota" || result.status == 429 && (result.retryAfter ?? .zero) > .seconds(120) {
            result.shouldRetry = false
        }
        return result
    }

    /// The table of 05 § 2, then the messages of 05 § 3.
    private static func meaning(
        status: Int, google: String?, message: String, _ facts: ErrorFacts, _ credential: Credential
    ) -> APIError {
        let text = APIError.shortened(Scrubber.scrubbed(message), to: maximumMessage)
        func make(_ status: Int, _ kind: APIError.Kind, _ code: String?, param: String? = nil) -> APIError {
            APIError(status: status, kind: kind, message: text, param: param, code: code)
        }
        let isKeyInvalid = facts.reason == "API_KEY_INVALID" || message.lowercased().contains("api key not valid")
        switch status {
        case 401,
            400 where isKeyInvalid || google == "UNAUTHENTICATED":
            guard credential == .client else { return gatewayCredentialFailed }
            return make(401, .invalidRequest, "invalid_api_key")
        case 400:
            if google == "FAILED_PRECONDITION" {
                return recognised(message, make) ?? make(400, .invalidRequest, "failed_precondition")
            }
            return recognised(message, make) ?? make(400, .invalidRequest, "invalid_argument")
        case 403:
            let code =
                switch facts.reason {
                case "SERVICE_DISABLED": "service_disabled"
                case "BILLING_DISABLED": "billing_not_active"
                default: "permission_denied"
                }
            return make(403, .permission, code)
        case 404:
            let isModel = message.lowercased().contains("model")  // `models/…`, `Publisher Model`, `The model …`
            return make(404, .invalidRequest, isModel ? "model_not_found" : "not_found", param: isModel ? "model" : nil)
        case 409: return make(409, .conflict, "conflict")
        case 413: return make(413, .invalidRequest, "request_too_large")
        case 422: return make(422, .invalidRequest, "unprocessable_entity")
        case 424: return make(500, .server, "upstream_error")
        case 429:
            let isSpent = facts.isQuotaSpent || message.lowercased().contains("limit: 0")
            return make(429, .rateLimit, isSpent ? "insufficient_quota" : "rate_limit_exceeded")
        case 499: return make(503, .server, "upstream_cancelled")
        case 500: return make(500, .server, "upstream_error")
        case 501:
            var result = make(501, .server, "not_implemented")
            result.shouldRetry = false
            return result
        case 503: return make(503, .server, "service_unavailable")
        case 504: return make(504, .server, "upstream_timeout")
        case 300..<400: return make(502, .server, "upstream_error")
        case 400..<500: return make(status, .invalidRequest, "upstream_error")
        case 500..<600: return make(status, .server, "upstream_error")
        default: return make(502, .server, "upstream_error")
        }
    }

    private static func recognised(
        _ message: String, _ make: (Int, APIError.Kind, String?, String?) -> APIError
    ) -> APIError? {
        let text = message.lowercased()
        // The Developer API's words, and Vertex AI's.
        if text.contains("input token count"),
            text.contains("exceeds the maximum") || text.contains("only supports up to")
        {
            return make(400, .invalidRequest, "context_length_exceeded", "messages")
        }
        if text.contains("malformed publisher model") || text.contains("is not found for api version")
            || text.contains("publisher model") && text.contains("was not found")
        {
            return make(404, .invalidRequest, "model_not_found", "model")
        }
        if text.contains("thought_signature") || text.contains("thought signature") {
            return make(400, .invalidRequest, "missing_thought_signature", "messages")
        }
        if text.contains("cannot fetch content from the provided url") || text.contains("failed to fetch") {
            return make(400, .invalidRequest, "invalid_image_url", "messages")
        }
        if text.contains("user location is not supported") {
            return make(400, .invalidRequest, "unsupported_country_region_territory", nil)
        }
        return nil
    }

    /// CRED-009: the gateway's own credential was refused. It says nothing of the credential.
    public static var gatewayCredentialFailed: APIError {
        APIError(
            status: 502, kind: .server, message: "The gateway could not authenticate with the upstream.",
            code: "upstream_authentication_failed", shouldRetry: false
        )
    }

    private static func statusCode(_ google: String?) -> Int {
        switch google {
        case "INVALID_ARGUMENT", "FAILED_PRECONDITION", "OUT_OF_RANGE": 400
        case "UNAUTHENTICATED": 401
        case "PERMISSION_DENIED": 403
        case "NOT_FOUND": 404
        case "ABORTED", "ALREADY_EXISTS": 409
        case "RESOURCE_EXHAUSTED": 429
        case "CANCELLED": 499
        case "UNIMPLEMENTED": 501
        case "UNAVAILABLE": 503
        case "DEADLINE_EXCEEDED": 504
        default: 500
        }
    }

    /// `details` as clients get them: without `DebugInfo`, scrubbed.
    private static func relayed(_ node: JSONNode, of json: borrowing JSONDocument) -> [UInt8]? {
        var writer = JSONWriter(minimumCapacity: 512)
        writer.beginArray()
        var elements = json.elements(node)
        while let element = elements.next(in: json) {
            if let type = json.value("@type", of: element), json.string(type).hasSuffix("DebugInfo") { continue }
            writer.copy(element, of: json)
        }
        writer.endArray()
        guard writer.output.count <= maximumDetails else { return nil }
        return Array(Scrubber.scrubbed(String(copying: writer.output.span)).utf8)
    }
}
