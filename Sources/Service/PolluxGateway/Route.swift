internal import PolluxConfiguration
public import PolluxOpenAIWire
internal import PolluxTranslation

/// Where a path leads (01 § 1).
public enum Route: Sendable, Equatable {
    case chatCompletions(ChatBase)
    case embeddings(ChatBase)
    case models(ChatBase)
    /// One model, under any of its names; slashes in it are as they were sent.
    case model(ChatBase, id: String)
    case health
    case readiness
}

/// The base under which a request came: it decides project, location and dialect.
public enum ChatBase: Sendable, Hashable {
    /// `/v1/projects/{project}/locations/{location}/endpoints/openapi` (EP-001)
    case vertex(version: String, project: String, location: String)
    /// `/v1` (EP-004)
    case short
    /// `/v1/projects/{project}/locations/{location}/endpoints/{id}` (EP-002), or without project and location
    /// (EP-003): a container or a tuned model
    case endpoint(EndpointAddress)
    /// `/v1beta/openai` (EP-005)
    case studio
}

/// An endpoint of Vertex AI, as a path names it.
public struct EndpointAddress: Sendable, Hashable {
    public var version: String
    /// `nil` where the path has none (EP-003).
    public var project: String?
    /// `nil` where the path has none (EP-003).
    public var location: String?
    public var id: String

    public init(version: String, project: String?, location: String?, id: String) {
        self.version = version
        self.project = project
        self.location = location
        self.id = id
    }
}

extension Route {
    /// What nearly all requests ask for: one text, so that no request needs its own.
    public static let usualTarget = "/v1/chat/completions"

    /// Finds the route of a request.
    ///
    /// - Throws: 404 for an unknown path, 405 with the method that is allowed, 400 for a project or location
    ///   that is none (EP-011, EP-013).
    public static func find(_ request: ClientRequest) throws(RouteError) -> Route {
        if request.target == usualTarget, request.method == "POST" { return .chatCompletions(.short) }
        var segments: [String] = []
        for segment in request.path.split(separator: "/") {
            guard let decoded = PercentEncoding.decoded(segment) else { throw unknown(request) }
            segments.append(decoded)
        }
        switch segments {
        case ["healthz"]: return try only("GET", request, .health)
        case ["readyz"]: return try only("GET", request, .readiness)
        default: break
        }
        guard let (base, rest) = try base(segments) else { throw unknown(request) }
        switch rest {
        case ["chat", "completions"]: return try only("POST", request, .chatCompletions(base))
        case ["embeddings"]: return try only("POST", request, .embeddings(base))
        case ["models"]: return try only("GET", request, .models(base))
        case let named where named.first == "models":
            return try only("GET", request, .model(base, id: named.dropFirst().joined(separator: "/")))
        case ["completions"], ["responses"], ["images", "generations"], ["audio", "speech"],
            ["audio", "transcriptions"]:
            throw RouteError(
                error: APIError(
                    status: 404, kind: .invalidRequest,
                    message: "This gateway does not serve \(request.method) /\(rest.joined(separator: "/")).",
                    code: "unsupported_endpoint"
                )
            )
        default: throw unknown(request)
        }
    }

    private static func base(_ segments: [String]) throws(RouteError) -> (ChatBase, [String])? {
        if segments.starts(with: ["v1beta", "openai"]) { return (.studio, Array(segments.dropFirst(2))) }
        guard let version = segments.first, version == "v1" || version == "v1beta1" else { return nil }
        if segments.count >= 8, segments[1] == "projects", segments[3] == "locations", segments[5] == "endpoints" {
            let (project, location) = (segments[2], segments[4])
            guard NameForm.project.matches(project) else { throw invalid("project", project) }
            guard NameForm.location.matches(location) else { throw invalid("location", location) }
            let rest = Array(segments.dropFirst(7))
            if segments[6] == "openapi" {
                return (.vertex(version: version, project: project, location: location), rest)
            }
            return (.endpoint(try endpoint(version, project, location, segments[6])), rest)
        }
        if segments.count >= 4, segments[1] == "endpoints", segments[2] != "openapi" {
            return (.endpoint(try endpoint(version, nil, nil, segments[2])), Array(segments.dropFirst(3)))
        }
        return version == "v1" ? (.short, Array(segments.dropFirst())) : nil
    }

    private static func endpoint(
        _ version: String, _ project: String?, _ location: String?, _ id: String
    ) throws(RouteError) -> EndpointAddress {
        guard NameForm.endpointID.matches(id) else { throw invalid("endpoint_id", id) }
        return EndpointAddress(version: version, project: project, location: location, id: id)
    }

    private static func only(_ method: String, _ request: ClientRequest, _ route: Route) throws(RouteError) -> Route {
        if request.method == method || method == "GET" && request.method == "HEAD" { return route }
        throw RouteError(
            error: APIError(
                status: 405, kind: .invalidRequest,
                message:
                    "Not allowed to \(shortened(request.method)) on \(shortened(request.loggedPath)). (HINT: Use \(method).)",
                code: "method_not_allowed"
            ), allow: method
        )
    }

    private static func unknown(_ request: ClientRequest) -> RouteError {
        RouteError(
            error: APIError(
                status: 404, kind: .invalidRequest,
                message:
                    "Unknown request URL: \(shortened(request.method)) \(shortened(request.loggedPath)). Please check the URL for typos.",
                code: "unknown_url"
            )
        )
    }

    private static func invalid(_ segment: String, _ value: String) -> RouteError {
        RouteError(
            error: .badRequest("Invalid '\(segment)': '\(shortened(value))'.", param: segment, code: "invalid_value")
        )
    }

    private static func shortened(_ text: String) -> String { APIError.shortened(text) }
}

/// A request that leads nowhere.
public struct RouteError: Error, Sendable, Equatable {
    public var error: APIError
    /// The value of `Allow` for a 405.
    public var allow: String?

    init(error: APIError, allow: String? = nil) {
        self.error = error
        self.allow = allow
    }
}
