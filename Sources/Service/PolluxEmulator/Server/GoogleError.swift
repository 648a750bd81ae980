import PolluxJSON

/// A refusal, as Google's services write it.
///
///     {"error":{"code":400,"message":"…","status":"INVALID_ARGUMENT","details":[…]}}
struct GoogleError: Error, Sendable, Equatable {
    enum Status: String, Sendable, CaseIterable {
        case invalidArgument = "INVALID_ARGUMENT"
        case failedPrecondition = "FAILED_PRECONDITION"
        case unauthenticated = "UNAUTHENTICATED"
        case permissionDenied = "PERMISSION_DENIED"
        case notFound = "NOT_FOUND"
        case aborted = "ABORTED"
        case resourceExhausted = "RESOURCE_EXHAUSTED"
        case cancelled = "CANCELLED"
        case internalError = "INTERNAL"
        case unimplemented = "UNIMPLEMENTED"
        case unavailable = "UNAVAILABLE"
        case deadlineExceeded = "DEADLINE_EXCEEDED"

        /// The HTTP status.
        var code: Int {
            switch self {
            case .invalidArgument, .failedPrecondition: 400
            case .unauthenticated: 401
            case .permissionDenied: 403
            case .notFound: 404
            case .aborted: 409
            case .resourceExhausted: 429
            case .cancelled: 499
            case .internalError: 500
            case .unimplemented: 501
            case .unavailable: 503
            case .deadlineExceeded: 504
            }
        }

        /// The word that goes with an HTTP status, and what the service says with it.
        static func of(code: Int) -> Status {
            allCases.first { $0.code == code } ?? (code < 500 ? .invalidArgument : .internalError)
        }

        /// What the live service says when it says nothing in particular.
        var message: String {
            switch self {
            case .invalidArgument: "Request contains an invalid argument."
            case .failedPrecondition: "User location is not supported for the API use."
            case .unauthenticated: "Request had invalid authentication credentials."
            case .permissionDenied: "The caller does not have permission"
            case .notFound: "Requested entity was not found."
            case .aborted: "The operation was aborted."
            case .resourceExhausted: "Resource exhausted. Please try again later."
            case .cancelled: "The operation was cancelled."
            case .internalError: "An internal error has occurred. Please retry."
            case .unimplemented: "Operation is not implemented, or supported, or enabled."
            case .unavailable: "The model is overloaded. Please try again later."
            case .deadlineExceeded: "Deadline expired before operation could complete."
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

    /// One entry of `google.rpc.QuotaFailure`.
    struct QuotaViolation: Sendable, Equatable {
        var metric: String
        var id: String
        var value: Int
        var model: String
        var location: String
    }

    var code: Int
    var status: String
    var message: String
    var violations: [Violation] = []
    var reason: Reason?
    /// `google.rpc.RetryInfo`, in milliseconds.
    var retryDelayMilliseconds: Int?
    var quota: QuotaViolation?

    init(_ status: Status, _ message: String? = nil, reason: Reason? = nil) {
        code = status.code
        self.status = status.rawValue
        self.message = message ?? status.message
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
        writer.object {
            $0.member("error") {
                $0.object {
                    $0.member("code", code)
                    $0.member("message", message)
                    $0.member("status", status)
                    writeDetails(into: &$0)
                }
            }
        }
        if insideArray { writer.endArray() }
        return writer.output.array()
    }

    private func writeDetails(into writer: inout JSONWriter) {
        guard reason != nil || !violations.isEmpty || quota != nil || retryDelayMilliseconds != nil else { return }
        writer.member("details") {
            $0.array {
                writeReason(into: &$0)
                writeQuota(into: &$0)
                writeRetry(into: &$0)
                writeViolations(into: &$0)
            }
        }
    }

    private func writeReason(into writer: inout JSONWriter) {
        guard let reason else { return }
        writer.object {
            $0.member("@type", "type.googleapis.com/google.rpc.ErrorInfo")
            $0.member("reason", reason.reason)
            $0.member("domain", "googleapis.com")
            $0.member("metadata") { $0.object { $0.member("service", reason.service) } }
        }
    }

    private func writeQuota(into writer: inout JSONWriter) {
        guard let quota else { return }
        writer.object {
            $0.member("@type", "type.googleapis.com/google.rpc.QuotaFailure")
            $0.member("violations") {
                $0.array {
                    $0.object {
                        $0.member("quotaMetric", quota.metric)
                        $0.member("quotaId", quota.id)
                        $0.member("quotaDimensions") {
                            $0.object {
                                $0.member("location", quota.location)
                                $0.member("model", quota.model)
                            }
                        }
                        $0.member("quotaValue", String(quota.value))
                    }
                }
            }
        }
    }

    private func writeRetry(into writer: inout JSONWriter) {
        guard let retryDelayMilliseconds else { return }
        writer.object {
            $0.member("@type", "type.googleapis.com/google.rpc.RetryInfo")
            $0.member("retryDelay", TimeSpan.text(milliseconds: retryDelayMilliseconds))
        }
    }

    private func writeViolations(into writer: inout JSONWriter) {
        guard !violations.isEmpty else { return }
        writer.object {
            $0.member("@type", "type.googleapis.com/google.rpc.BadRequest")
            $0.member("fieldViolations") {
                $0.array {
                    for violation in violations {
                        $0.object {
                            $0.member("field", violation.field)
                            $0.member("description", violation.description)
                        }
                    }
                }
            }
        }
    }
}
