import PolluxJSON

/// A refusal, as Google's services write it.
///
///     {"error":{"code":400,"message":"…","status":"INVALID_ARGUMENT","details":[…]}}
struct GoogleError: Error, Sendable, Equatable {
    enum Status: String, Sendable {
        case invalidArgument = "INVALID_ARGUMENT"
        case notFound = "NOT_FOUND"
        case unauthenticated = "UNAUTHENTICATED"
        case permissionDenied = "PERMISSION_DENIED"

        /// The HTTP status.
        var code: Int {
            switch self {
            case .invalidArgument: 400
            case .unauthenticated: 401
            case .permissionDenied: 403
            case .notFound: 404
            }
        }
    }

    /// One entry of `google.rpc.BadRequest`.
    struct Violation: Sendable, Equatable {
        var field: String
        var description: String
    }

    /// `google.rpc.ErrorInfo`.
    struct Reason: Sendable, Equatable {
        var reason: String
        var service: String
    }

    var code: Int
    var status: String
    var message: String
    var violations: [Violation] = []
    var reason: Reason?

    init(_ status: Status, _ message: String, reason: Reason? = nil) {
        code = status.code
        self.status = status.rawValue
        self.message = message
        self.reason = reason
    }

    /// The 413 for a body above the configured limit.
    static func bodyTooLarge(maximum: Int) -> GoogleError {
        var error = invalid("Request payload size exceeds the limit: \(maximum) bytes.")
        error.code = 413
        return error
    }

    static func invalid(_ message: String) -> GoogleError { GoogleError(.invalidArgument, message) }

    /// Fields that the service does not know or whose values have the wrong type.
    static func badRequest(_ violations: [Violation]) -> GoogleError {
        var error = invalid(violations.map(\.description).joined(separator: "\n"))
        error.violations = violations
        return error
    }

    /// The error as JSON. A stream that is no event stream gets it inside an array, as its answer would be.
    func body(insideArray: Bool = false) -> [UInt8] {
        var writer = JSONWriter()
        if insideArray { writer.beginArray() }
        writer.beginObject()
        writer.key("error")
        writer.beginObject()
        writer.key("code")
        writer.integer(code)
        writer.key("message")
        writer.string(text: message)
        writer.key("status")
        writer.string(text: status)
        if reason != nil || !violations.isEmpty {
            writer.key("details")
            writer.beginArray()
            writeReason(into: &writer)
            writeViolations(into: &writer)
            writer.endArray()
        }
        writer.endObject()
        writer.endObject()
        if insideArray { writer.endArray() }
        return writer.output.array()
    }

    private func writeReason(into writer: inout JSONWriter) {
        guard let reason else { return }
        writer.beginObject()
        writer.key("@type")
        writer.string("type.googleapis.com/google.rpc.ErrorInfo")
        writer.key("reason")
        writer.string(text: reason.reason)
        writer.key("domain")
        writer.string("googleapis.com")
        writer.key("metadata")
        writer.beginObject()
        writer.key("service")
        writer.string(text: reason.service)
        writer.endObject()
        writer.endObject()
    }

    private func writeViolations(into writer: inout JSONWriter) {
        guard !violations.isEmpty else { return }
        writer.beginObject()
        writer.key("@type")
        writer.string("type.googleapis.com/google.rpc.BadRequest")
        writer.key("fieldViolations")
        writer.beginArray()
        for violation in violations {
            writer.beginObject()
            writer.key("field")
            writer.string(text: violation.field)
            writer.key("description")
            writer.string(text: violation.description)
            writer.endObject()
        }
        writer.endArray()
        writer.endObject()
    }
}
