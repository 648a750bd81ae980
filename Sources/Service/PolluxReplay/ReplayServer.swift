import HTTPTypes
import Hummingbird
public import Logging
import NIOCore
public import PolluxCassette
import PolluxJSON

/// Stands in for the upstream and answers from recordings, over HTTP on 127.0.0.1.
public struct ReplayServer: Sendable {
    /// When the pieces of an answer are sent.
    public enum Timing: String, Sendable, CaseIterable {
        case none
        /// After as long as it took when it was recorded.
        case original
    }

    /// Bytes of one request's body.
    private static let maximumBodyBytes = 128 * 1024 * 1024

    private let playlist: Playlist
    private let timing: Timing
    private let logger: Logger

    public init(_ playlist: Playlist, timing: Timing, logger: Logger) {
        self.playlist = playlist
        self.timing = timing
        self.logger = logger
    }

    /// Listens until the task is cancelled.
    ///
    /// - Parameter didStart: gets the port that the system chose.
    public func run(didStart: @escaping @Sendable (Int) async -> Void) async throws {
        var quiet = logger
        quiet.logLevel = .critical  // Connections that clients close are no news.
        let application = Application(
            responder: Responder(server: self), configuration: .init(address: .hostname("127.0.0.1", port: 0)),
            onServerRunning: { channel in await didStart(channel.localAddress?.port ?? 0) }, logger: quiet
        )
        try await application.run()
    }

    private struct Responder: HTTPResponder {
        let server: ReplayServer

        func respond(to request: Request, context: BasicRequestContext) async throws -> Response {
            let bytes = try await request.body.collect(upTo: ReplayServer.maximumBodyBytes)
            let target = request.uri.string
            let choice = server.playlist.choose(
                method: request.method.rawValue, target: target,
                body: JSONValue(parsing: bytes.readableBytesUInt8Span)
            )
            switch choice {
            case .answer(let recorded): return server.answer(recorded)
            case .nothing(let reason):
                server.logger.warning("replay: \(reason)")
                return server.refusal(reason)
            }
        }
    }

    private func answer(_ recorded: RecordedCall) -> Response {
        let call = recorded.call
        var headers = HTTPFields()
        for header in call.response?.headers ?? [] {
            if let name = HTTPField.Name(header.name) { headers[name] = header.value }
        }
        let pieces = call.response?.body ?? []
        let timing = timing
        return Response(
            status: .init(code: call.response?.status ?? 502), headers: headers,
            body: ResponseBody { writer in
                let start = ContinuousClock.now
                for piece in pieces {
                    if timing == .original, let time = piece.milliseconds {
                        let pause = Duration.nanoseconds(Int64(max(0, time - call.sentMilliseconds) * 1_000_000))
                        try await Task.sleep(until: start + pause, clock: .continuous)
                    }
                    try await writer.write(ByteBuffer(bytes: piece.wire))
                }
                // The connection breaks again where it broke.
                if call.ending == .broken { throw BrokenRecording() }
                try await writer.finish(nil)
            }
        )
    }

    private struct BrokenRecording: Error {}

    /// Google's error object; a 400 is not tried again.
    private func refusal(_ reason: String) -> Response {
        let error = JSONValue.object([
            .init(
                "error",
                .object([
                    .init("code", .number("400")), .init("message", .string(reason)),
                    .init("status", .string("FAILED_PRECONDITION")),
                ])
            )
        ])
        return Response(
            status: .badRequest, headers: [.contentType: "application/json"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: error.bytes))
        )
    }
}
