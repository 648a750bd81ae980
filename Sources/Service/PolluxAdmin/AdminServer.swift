internal import HTTPTypes
internal import Hummingbird
internal import HummingbirdCore
public import Logging
internal import NIOCore
internal import NIOPosix
public import PolluxConfiguration
internal import PolluxTranslation
public import ServiceLifecycle

/// The operator's own listener (EP-010).
///
/// It runs on threads of its own, so that a slow question costs no client anything. None of its routes starts a
/// process or takes an upstream's address.
public struct AdminServer: Service {
    private let listener: Configuration.Listener
    private let door: @Sendable () -> AdminDoor
    private let routes: [AdminRoute]
    private let logger: Logger
    private let onRunning: @Sendable (String) -> Void

    /// Connections at a time: an operator's browsers and a few scrapers.
    private static let maximumConnections = 128
    private static let idleConnection = TimeAmount.seconds(60)

    /// - Parameters:
    ///   - admin: who may come in, as it is now. The listener does not move.
    ///   - onRunning: hears where, `http://127.0.0.1:8081`.
    /// - Returns: `nil` when the configuration has no admin listener.
    public init?(
        _ admin: @escaping @Sendable () -> Configuration.Admin, routes: [AdminRoute], logger: Logger,
        onRunning: @escaping @Sendable (String) -> Void
    ) {
        guard let listener = admin().listener else { return nil }
        self.listener = listener
        door = { AdminDoor(admin()) }
        self.routes = routes
        var logger = logger
        logger.logLevel = .error  // The server's own tales; its errors come through.
        self.logger = logger
        self.onRunning = onRunning
    }

    /// - Throws: when the address cannot be listened on.
    public func run() async throws {
        let router = Router(context: BasicRequestContext.self, options: .autoGenerateHeadEndpoints)
        router.add(middleware: AdminMiddleware(door: door))
        for route in routes {
            guard let method = HTTPRequest.Method(rawValue: route.method.rawValue) else { continue }
            router.on(RouterPath(route.path), method: method) { request, context in
                try await answer(request, context.parameters, route)
            }
        }
        refuseOtherMethods(router)
        let application = Application(
            router: router, server: .http1(configuration: .init(idleTimeout: Self.idleConnection)),
            configuration: ApplicationConfiguration(
                address: .hostname(listener.address, port: listener.port),
                availableConnectionsDelegate: MaximumAvailableConnections(Self.maximumConnections)
            ),
            onServerRunning: { onRunning(listener.url(port: $0.localAddress?.port ?? 0)) },
            eventLoopGroupProvider: .shared(MultiThreadedEventLoopGroup.singleton), logger: logger
        )
        try await application.run()
    }

    /// A known path with another method is a 405 that names those there are, for whoever asks (EP-011).
    private func refuseOtherMethods(_ router: Router<BasicRequestContext>) {
        for (path, known) in Dictionary(grouping: routes, by: \.path) {
            var allowed = known.map(\.method.rawValue)
            if allowed.contains("GET") { allowed.append("HEAD") }
            var refused = AdminAnswer.error(405, "Not allowed here; allowed: \(allowed.joined(separator: ", ")).")
            refused.headers = [("allow", allowed.joined(separator: ", "))]
            for method in [HTTPRequest.Method.get, .head, .post, .put, .patch, .delete, .options, .trace]
            where !allowed.contains(method.rawValue) {
                router.on(RouterPath(path), method: method) { [refused] _, _ in refused.response }
            }
        }
    }

    private func answer(_ request: Request, _ parameters: Parameters, _ route: AdminRoute) async throws -> Response {
        if route.access == .token, !door().admits(authorization: request.headers[.authorization]) {
            var response = AdminAnswer.error(401, "The admin token is missing or wrong.").response
            response.headers[.wwwAuthenticate] = "Bearer"
            return response
        }
        var request = request
        let body: ByteBuffer
        do {
            body = try await request.collectBody(upTo: route.maximumBodyBytes)
        } catch is NIOTooManyBytesError {
            let limit = "The request body is too large: the limit is \(route.maximumBodyBytes) bytes."
            return AdminAnswer.error(413, limit).response
        }
        let query = request.uri.queryParameters.map { (String($0.key), String($0.value)) }
        let asked = AdminRequest(
            parameters: Dictionary(
                parameters.map { (String($0.key), PercentEncoding.decoded($0.value) ?? String($0.value)) }
            ) { first, _ in first },
            query: Dictionary(query) { first, _ in first },
            headers: Dictionary(request.headers.map { ($0.name.canonicalName, $0.value) }) { first, _ in first },
            body: Array(body.readableBytesView)
        )
        if let complaint = route.complaint(aboutQuery: query.map(\.0)) {
            return AdminAnswer.error(400, complaint).response
        }
        do {
            return try await route.handle(asked).response
        } catch is CancellationError {
            throw HTTPError(.serviceUnavailable)
        } catch {
            logger.error(
                "The admin listener could not answer",
                metadata: ["path": "\(route.path)", "error": "\(type(of: error))"])
            return AdminAnswer.error(500, "Internal error.").response
        }
    }
}

/// What holds for every request and every answer of the admin listener.
private struct AdminMiddleware: RouterMiddleware {
    let door: @Sendable () -> AdminDoor

    @concurrent func handle(
        _ request: Request, context: BasicRequestContext,
        next: @concurrent (Request, BasicRequestContext) async throws -> Response
    ) async throws -> Response {
        var response: Response
        let host = request.head.authority ?? HTTPField.Name("host").flatMap { request.headers[$0] }
        let site = HTTPField.Name("sec-fetch-site").flatMap { request.headers[$0] }
        if let refusal = door().refusal(host: host, origin: request.headers[.origin], site: site) {
            response = AdminAnswer.error(403, refusal).response
        } else {
            do {
                response = try await next(request, context)
            } catch let error as HTTPError {
                response = AdminAnswer.error(error.status.code, error.status.reasonPhrase).response
            }
        }
        for (name, value) in Self.headers { response.headers[name] = value }
        return response
    }

    private static let headers: [(HTTPField.Name, String)] = [
        (
            "content-security-policy",
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; media-src data: blob:; "
                + "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        ),
        ("x-content-type-options", "nosniff"), ("x-frame-options", "DENY"), ("referrer-policy", "no-referrer"),
        ("cross-origin-opener-policy", "same-origin"), ("cross-origin-resource-policy", "same-origin"),
        ("cache-control", "no-store"),
    ].compactMap { name, value in HTTPField.Name(name).map { ($0, value) } }
}

extension AdminAnswer {
    fileprivate var response: Response {
        var fields = HTTPFields()
        fields[.contentType] = contentType
        for header in headers {
            if let name = HTTPField.Name(header.name) { fields[name] = header.value }
        }
        let status = HTTPResponse.Status(code: status)
        switch body {
        case .bytes(let bytes):
            return Response(status: status, headers: fields, body: .init(byteBuffer: ByteBuffer(bytes: bytes)))
        case .stream(let pieces): return Response(status: status, headers: fields, body: .init(asyncSequence: pieces))
        }
    }
}
