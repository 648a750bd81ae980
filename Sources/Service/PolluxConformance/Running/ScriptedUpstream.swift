import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import PolluxJSON
import Synchronization

/// The Gemini that the endpoint under test calls: it answers what the running case says, whatever it is asked, and
/// remembers what it was asked.
final class ScriptedUpstream: Sendable {
    private struct State {
        var answers: [UpstreamAnswer] = []
        var used = 0
        var sent: [JSONValue] = []
    }

    private static let maximumBodyBytes = 64 * 1024 * 1024
    /// Requests that are remembered: a gateway that tries again for ever must not fill our memory.
    private static let maximumSent = 100

    private let state = Mutex(State())

    /// Forgets what was, and answers this from now on.
    func script(_ answers: [UpstreamAnswer]) {
        state.withLock { $0 = State(answers: answers) }
    }

    /// What was sent since, in order: `{"method", "path", "query", "headers", "body"}`. Names in bodies are in
    /// `camelCase`, whatever the spelling: Gemini takes both.
    var sent: [JSONValue] { state.withLock { $0.sent } }

    /// Listens until the task is cancelled.
    func run(host: String, port: Int, didStart: @escaping @Sendable (Int) async -> Void) async throws {
        var logger = Logger(label: "conformance")
        logger.logLevel = .critical
        let application = Application(
            responder: Responder(upstream: self), configuration: .init(address: .hostname(host, port: port)),
            onServerRunning: { await didStart($0.localAddress?.port ?? 0) }, logger: logger
        )
        try await application.run()
    }

    private struct Responder: HTTPResponder {
        let upstream: ScriptedUpstream

        func respond(to request: Request, context: BasicRequestContext) async throws -> Response {
            let body = try await request.body.collect(upTo: ScriptedUpstream.maximumBodyBytes)
            return upstream.answer(request, body)
        }
    }

    private func answer(_ request: Request, _ body: ByteBuffer) -> Response {
        if request.method == .get { return Self.models }
        let sent = JSONValue.object([
            .init("method", .string(request.method.rawValue)), .init("path", .string(request.uri.path)),
            .init("query", .string(request.uri.query ?? "")),
            .init("headers", .object(request.headers.map { .init($0.name.canonicalName, .string($0.value)) })),
            .init("body", (JSONValue(parsing: body.readableBytesUInt8Span) ?? .null).camelCased),
        ])
        let answer: UpstreamAnswer? = state.withLock { state in
            if state.sent.count < Self.maximumSent { state.sent.append(sent) }
            guard !state.answers.isEmpty else { return nil }
            defer { state.used += 1 }
            return state.answers[min(state.used, state.answers.count - 1)]
        }
        guard let answer else { return Response(status: .notFound) }
        var headers = HTTPFields()
        for (name, value) in answer.headers { HTTPField.Name(name).map { headers[$0] = value } }
        return Response(
            status: .init(code: answer.status), headers: headers,
            body: ResponseBody { writer in
                var rest = answer.body[...]
                while !rest.isEmpty {
                    let piece = rest.prefix(answer.pieceBytes ?? rest.count)
                    rest = rest.dropFirst(piece.count)
                    try await writer.write(ByteBuffer(bytes: piece))
                }
                if answer.breaks { throw CancellationError() }
                try await writer.finish(nil)
            }
        )
    }

    /// For gateways that look whether a model is there.
    private static var models: Response {
        let list =
            #"{"models":[{"name":"models/gemini-2.5-flash","supportedGenerationMethods":["generateContent"]},{"name":"models/gemini-3-flash-preview","supportedGenerationMethods":["generateContent"]}]}"#
        return Response(
            status: .ok, headers: [.contentType: "application/json"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: list))
        )
    }
}

extension JSONValue {
    /// Members whose names belong to the user.
    private static let userData: Set<String> = ["args", "response", "properties", "labels", "$defs"]

    /// The same with names in `camelCase`, but in the user's own data.
    var camelCased: JSONValue {
        switch self {
        case .array(let values): .array(values.map(\.camelCased))
        case .object(let members):
            .object(
                members.map { member in
                    let name = Self.camelCase(member.name)
                    return JSONValue.Member(name, Self.userData.contains(name) ? member.value : member.value.camelCased)
                }
            )
        default: self
        }
    }

    private static func camelCase(_ name: String) -> String {
        var words = name.split(separator: "_").map(String.init)
        guard words.count > 1 else { return name }
        for index in words.indices.dropFirst() {
            words[index] = words[index].prefix(1).uppercased() + words[index].dropFirst()
        }
        return words.joined()
    }
}
