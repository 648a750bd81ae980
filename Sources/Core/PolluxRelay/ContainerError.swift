public import PolluxJSON
public import PolluxOpenAIWire
public import PolluxTranslation

/// A container's error → OpenAI's (09 § 6).
///
///     {"error":{"message","type","param","code":400}}                       vLLM
///     {"object":"error","message","type","param","code":400}                vLLM before 0.9
///     {"error":"text","error_type":"validation"}                            TGI
///     {"detail":…}                                                          FastAPI
///     {"error":{"message","type","param","code":"429"}}                     LiteLLM
///     {"error":{"code":403,"message","status","details"}}                   Google, in front of the container
///
/// A code that is a number becomes the name of its status; a code or field that is named stays.
public enum ContainerError {
    /// - Parameter retryAfter: what the upstream's headers ask to wait (ERR-041).
    public static func translate(
        status: Int, body: Span<UInt8>, retryAfter: Duration? = nil, credential: UpstreamError.Credential
    ) -> APIError {
        let base = UpstreamError.translate(status: status, body: body, retryAfter: retryAfter, credential: credential)
        var tape = JSONTape()
        let limits = JSONLimits(maximumDepth: 64, maximumValues: 100_000, acceptsLoneSurrogates: true)
        guard (try? tape.parse(body, limits: limits)) != nil else { return base }  // Text or HTML.
        return named(base, status: status, tape.document(of: body))
    }

    /// The error in an event of a stream, which has no status but that of its code or type (SELF-043).
    public static func translate(event json: JSONDocument, credential: UpstreamError.Credential) -> APIError {
        let status =
            json.value("error_type", of: .root).flatMap { type -> Int? in
                switch json.string(type) {
                case "validation": 422
                case "overloaded": 429
                default: 424
                }
            }
        guard let status else {
            let base = UpstreamError.translate(event: json, credential: credential)
            return named(base, status: base.status, json)
        }
        return translate(status: status, body: json.raw(.root), credential: credential)
    }

    private static func named(_ base: APIError, status: Int, _ json: JSONDocument) -> APIError {
        let isAboutCredentials = base.code == "upstream_authentication_failed" || base.status == 401
        guard base.googleStatus == nil, !isAboutCredentials else { return base }
        var result = base
        let error = json.value("error", of: .root) ?? .root
        if base.code == "invalid_argument" { result.code = "invalid_value" }
        if let code = json.value("code", of: error) {
            let word = json.isString(code) ? json.string(code) : ""
            let isOfDigits = !word.isEmpty && word.utf8.allSatisfy { $0 &- UInt8(ascii: "0") < 10 }
            let isNumber = json.isNumber(code) || isOfDigits
            if !word.isEmpty, !isNumber {
                result.code = shortened(word)
            } else if isNumber, status == 404 {
                result.code = "model_not_found"
                result.param = "model"
            }
        }
        if let type = json.value("error_type", of: .root), json.isString(type), json.length(type) > 0 {
            result.code = shortened(json.string(type))
        }
        if status == 400, base.message.lowercased().contains("maximum context length") {
            result.code = "context_length_exceeded"
            result.param = "messages"
        }
        if let param = json.value("param", of: error), json.isString(param), json.length(param) > 0 {
            result.param = shortened(json.string(param))
        }
        if let type = json.value("type", of: error), let kind = APIError.Kind(rawValue: json.string(type)) {
            result.kind = kind
        }
        if result.code == "insufficient_quota" { result.shouldRetry = false }  // ERR-044
        return result
    }

    private static func shortened(_ text: String) -> String { APIError.shortened(Scrubber.scrubbed(text)) }
}
