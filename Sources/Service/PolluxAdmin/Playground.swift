internal import AsyncHTTPClient
internal import NIOCore
internal import NIOHTTP1
public import PolluxConfiguration

/// What the page's playground needs: the gateway itself, as any client sees it, and its translation.
///
/// Requests go to the gateway's own listener and nowhere else, with the key that the person at the page has typed, so
/// that keys, limits and the log hold for them as for everybody.
public struct Playground: Sendable {
    /// Request → what would be sent, and what became of each field, as JSON.
    public typealias Explain = @Sendable ([UInt8]) -> [UInt8]

    private let base: String
    private let explain: Explain

    /// An uploaded image or sound in base64, and the rest.
    private static let maximumBodyBytes = 32 << 20
    /// A whole conversation's turn may take so long.
    private static let timeout = TimeAmount.minutes(10)
    /// Headers of the gateway's answer that the page shows.
    private static let shownHeaders = ["x-request-id", "x-pollux-notes", "server-timing", "retry-after"]

    /// - Parameter port: on which the gateway listens.
    public init(_ listener: Configuration.Listener, port: Int, explain: @escaping Explain) {
        base = listener.base(port: port)
        self.explain = explain
    }

    var routes: [AdminRoute] {
        [
            AdminRoute(.post, "/admin/playground/explain", maximumBodyBytes: Self.maximumBodyBytes) { request in
                .json(explain(request.body))
            },
            AdminRoute(.post, "/admin/playground/chat", maximumBodyBytes: Self.maximumBodyBytes) { request in
                try await chat(request)
            },
        ]
    }

    private func chat(_ request: AdminRequest) async throws -> AdminAnswer {
        var outgoing = HTTPClientRequest(url: base + "/v1/chat/completions")
        outgoing.method = .POST
        outgoing.headers.add(name: "content-type", value: "application/json")
        outgoing.headers.add(name: "x-pollux-explain", value: "1")
        if let key = request.headers["x-client-key"] {
            outgoing.headers.add(name: "authorization", value: "Bearer \(key)")
        }
        outgoing.body = .bytes(ByteBuffer(bytes: request.body))
        let response: HTTPClientResponse
        do {
            response = try await HTTPClient.shared.execute(outgoing, timeout: Self.timeout)
        } catch {
            return .error(502, "The gateway's own listener does not answer.")
        }
        var answer = AdminAnswer(
            status: Int(response.status.code),
            contentType: response.headers.first(name: "content-type") ?? "application/json",
            body: .stream(response.body)
        )
        for name in Self.shownHeaders {
            if let value = response.headers.first(name: name) { answer.headers.append((name, value)) }
        }
        return answer
    }
}
