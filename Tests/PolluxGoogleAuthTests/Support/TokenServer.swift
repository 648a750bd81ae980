import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// A stand-in for token endpoints, metadata servers and IAM credentials, on 127.0.0.1.
final class TokenServer: Sendable {
    struct Request: Sendable {
        var method: String
        /// With the query.
        var path: String
        var headers: HTTPHeaders
        var body: String

        /// The fields of a form.
        var form: [String: String] {
            var fields: [String: String] = [:]
            for pair in body.split(separator: "&") {
                let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                fields[percentDecoded(parts[0])] = parts.count > 1 ? percentDecoded(parts[1]) : ""
            }
            return fields
        }
    }

    struct Answer: Sendable {
        var status = 200
        var headers: HTTPHeaders = [:]
        var body: String
        /// Whether all of it is sent.
        var end = End.whole

        enum End { case whole, closedHalfway, silentHalfway }

        static func json(_ body: String, status: Int = 200, headers: HTTPHeaders = [:]) -> Self {
            Self(status: status, headers: headers, body: body)
        }

        static func token(_ value: String, seconds: Int = 3600) -> Self {
            .json(#"{"access_token":"\#(value)","expires_in":\#(seconds),"token_type":"Bearer"}"#)
        }
    }

    typealias Respond = @Sendable (Request) async -> Answer

    /// What the server does, where a call wants it by name.
    struct Script: Sendable {
        let respond: Respond
        static func answering(_ respond: @escaping Respond) -> Self { Self(respond: respond) }
    }

    private let channel: any Channel
    private let recorded = Mutex<[Request]>([])
    private let respond: Mutex<Respond>

    /// Everything asked so far.
    var requests: [Request] { recorded.withLock { $0 } }
    var host: String { "127.0.0.1:\(channel.localAddress?.port ?? 0)" }
    var url: String { "http://\(host)" }

    static func start(_ respond: @escaping Respond) async throws -> TokenServer {
        let target = Target()
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(Handler(target: target))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let server = TokenServer(channel: channel, respond: respond)
        target.server.withLock { $0 = server }
        return server
    }

    private init(channel: any Channel, respond: @escaping Respond) {
        self.channel = channel
        self.respond = Mutex(respond)
    }

    /// Answers otherwise from now on.
    func answer(_ respond: @escaping Respond) { self.respond.withLock { $0 = respond } }

    func stop() async throws { try await channel.close() }

    fileprivate func reply(to request: Request) async -> Answer {
        recorded.withLock { $0.append(request) }
        return await respond.withLock { $0 }(request)
    }

    fileprivate final class Target: Sendable {
        let server = Mutex<TokenServer?>(nil)
    }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = HTTPServerResponsePart

        private let target: Target
        private var head: HTTPRequestHead?
        private var body = ""

        init(target: Target) { self.target = target }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch unwrapInboundIn(data) {
            case .head(let head):
                self.head = head
                body = ""
            case .body(let bytes): body += String(buffer: bytes)
            case .end:
                guard let head, let server = target.server.withLock({ $0 }) else { return }
                let request = Request(
                    method: head.method.rawValue, path: head.uri, headers: head.headers, body: body)
                let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
                context.eventLoop.makeFutureWithTask { await server.reply(to: request) }
                    .whenSuccess { answer in
                        let (handler, context) = bound.value
                        handler.write(answer, context: context)
                    }
            }
        }

        private func write(_ answer: Answer, context: ChannelHandlerContext) {
            var headers = answer.headers
            headers.replaceOrAdd(name: "content-length", value: "\(answer.body.utf8.count)")
            let head = HTTPResponseHead(
                version: .http1_1, status: HTTPResponseStatus(statusCode: answer.status), headers: headers)
            context.write(wrapOutboundOut(.head(head)), promise: nil)
            let body = answer.end == .whole ? answer.body : String(answer.body.prefix(answer.body.count / 2))
            context.writeAndFlush(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: body)))), promise: nil)
            switch answer.end {
            case .whole: context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
            case .closedHalfway: context.close(promise: nil)
            case .silentHalfway: break
            }
        }
    }
}

/// Form or URL text with `%XX` resolved.
func percentDecoded(_ text: some StringProtocol) -> String {
    var bytes: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
        if byte == UInt8(ascii: "%"), rest.count >= 2,
            let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
        {
            bytes.append(value)
            rest = rest.dropFirst(2)
        } else {
            bytes.append(byte)
        }
    }
    return String(decoding: bytes, as: UTF8.self)
}
