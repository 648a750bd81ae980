public import PolluxJSON

/// OpenAI's error object, with the HTTP status by which its clients choose their exception.
///
///     {"error":{"code":"invalid_value","message":"…","param":"messages[0].role","type":"invalid_request_error"}}
///
/// An error that came from Google also has `status` and `details` (ERR-001). The message never holds a
/// credential, a header or a body.
public struct APIError: Error, Sendable, Equatable {
    /// OpenAI's words for the kinds of errors.
    public enum Kind: String, Sendable {
        case invalidRequest = "invalid_request_error"
        case permission = "permission_error"
        case conflict = "conflict_error"
        case rateLimit = "rate_limit_error"
        case server = "server_error"
    }

    /// HTTP status.
    public var status: Int
    public var kind: Kind
    public var message: String
    /// The field that is at fault: `messages[2].content[0].image_url.url`.
    public var param: String?
    public var code: String?
    /// Google's canonical name, `RESOURCE_EXHAUSTED`.
    public var googleStatus: String?
    /// Google's `details` array: compact JSON, scrubbed.
    public var details: [UInt8]?
    /// When to try again, for `retry-after` and `retry-after-ms`.
    public var retryAfter: Duration?
    /// What `x-should-retry` says; absent leaves it to the client (ERR-044).
    public var shouldRetry: Bool?

    public init(
        status: Int, kind: Kind, message: String, param: String? = nil, code: String? = nil,
        retryAfter: Duration? = nil, shouldRetry: Bool? = nil
    ) {
        self.status = status
        self.kind = kind
        self.message = message
        self.param = param
        self.code = code
        self.retryAfter = retryAfter
        self.shouldRetry = shouldRetry
    }

    /// Headers that tell a client whether and when to try again (ERR-040, ERR-044), and who it must be.
    public var headers: [(String, String)] {
        var headers: [(String, String)] = []
        if let retryAfter {
            let (seconds, attoseconds) = retryAfter.components
            let milliseconds = seconds * 1000 + attoseconds / 1_000_000_000_000_000
            headers.append(("retry-after", String((milliseconds + 999) / 1000)))
            headers.append(("retry-after-ms", String(milliseconds)))
        }
        if let shouldRetry { headers.append(("x-should-retry", shouldRetry ? "true" : "false")) }
        if status == 401 { headers.append(("www-authenticate", "Bearer")) }
        return headers
    }

    /// Writes the body.
    public func write(into writer: inout JSONWriter) {
        writer.beginObject()
        writer.key("error")
        writer.beginObject()
        writer.key("code")
        writer.optional(code)
        if let details {
            writer.key("details")
            writer.raw(details.span)
        }
        writer.member("message", message)
        writer.key("param")
        writer.optional(param)
        writer.member("status", googleStatus)
        writer.member("type", kind.rawValue)
        writer.endObject()
        writer.endObject()
    }

    /// The body as bytes.
    ///
    /// - Parameter isListed: as the only element of an array, which is how Google sends it (ERR-002).
    public func body(isListed: Bool = false) -> [UInt8] {
        var writer = JSONWriter(minimumCapacity: 256)
        if isListed { writer.beginArray() }
        write(into: &writer)
        if isListed { writer.endArray() }
        return writer.output.array()
    }
}

extension JSONWriter {
    /// Writes a string, or `null` when there is none.
    public mutating func optional(_ text: String?) {
        if let text { string(text: text) } else { null() }
    }
}
