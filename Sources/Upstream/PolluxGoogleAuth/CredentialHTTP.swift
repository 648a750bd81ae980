public import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import PolluxHTTPClient
import PolluxSecret

/// How token endpoints are reached.
///
/// - Limits: ``requestSeconds`` for one request with its answer, ``maximumAnswerBytes`` for an answer.
public struct CredentialHTTP: Sendable {
    let client: HTTPClient
    let directClient: HTTPClient
    /// The longest that one request may take, connecting and reading included.
    public var requestLimit: Duration = .seconds(Self.requestSeconds)

    public static let requestSeconds = 10
    /// The longest answer of a token endpoint that is read: a token has 2 KiB, a SAML token some 20.
    public static let maximumAnswerBytes = 256 * 1024

    /// - Parameters:
    ///   - client: is for token endpoints. It should have ``clientConfiguration``, or at least follow no
    ///     redirects.
    ///   - directClient: is for metadata servers and must not have a proxy (CRED-005); `client` when `nil`.
    public init(client: HTTPClient, directClient: HTTPClient? = nil) {
        self.client = client
        self.directClient = directClient ?? client
    }

    /// Settings for a client that carries credentials: no redirects (they would carry secrets to another
    /// host), no proxy, no decompression.
    public static var clientConfiguration: HTTPClient.Configuration {
        var configuration = HTTPClient.Configuration()
        configuration.redirectConfiguration = .disallow
        configuration.timeout.connect = .seconds(5)
        configuration.decompression = .disabled
        configuration.guardStatuses()
        return configuration
    }

    /// One exchange with a token endpoint or metadata server, whatever the status of its answer.
    func send(
        _ method: HTTPMethod, _ url: String, headers: HTTPHeaders = [:], body: String? = nil,
        directly: Bool = false, within limit: Duration? = nil
    ) async throws(CredentialError) -> HTTPAnswer {
        var request = HTTPClientRequest(url: url)
        request.method = method
        request.headers = headers
        request.headers.replaceOrAdd(name: "user-agent", value: "pollux")
        if let body { request.body = .bytes(ByteBuffer(string: body)) }
        do {
            return try await Self.answer(
                to: request, from: directly ? directClient : client, within: limit ?? requestLimit)
        } catch {
            throw failure(error, at: url)
        }
    }

    /// Sends and reads to the end, within `limit`.
    ///
    /// The client's own deadline ends with the head of the answer, so the whole runs against a timer as
    /// well. It counts real time, whatever clock tokens are measured by: it is about the network.
    private static func answer(
        to request: HTTPClientRequest, from client: HTTPClient, within limit: Duration
    ) async throws -> HTTPAnswer {
        try await withThrowingTaskGroup(of: HTTPAnswer?.self) { group in
            group.addTask {
                let response = try await client.execute(request, deadline: .now() + TimeAmount(limit))
                let bytes = try await response.body.collect(upTo: maximumAnswerBytes)
                return HTTPAnswer(
                    host: hostText(of: request.url), status: Int(response.status.code),
                    headers: response.headers, body: Array(bytes.readableBytesView)
                )
            }
            group.addTask {
                try await Task.sleep(for: limit)
                return nil
            }
            defer { group.cancelAll() }
            guard let first = try await group.next(), let answer = first else {
                throw HTTPClientError.deadlineExceeded
            }
            return answer
        }
    }

    private func failure(_ error: any Error, at url: String) -> CredentialError {
        let host = hostText(of: url)
        switch error {
        case is CancellationError: return .cancelled
        case let error as HTTPClientError where error == .cancelled: return .cancelled
        case let error as HTTPClientError
        where error == .deadlineExceeded || error == .connectTimeout || error == .readTimeout:
            return CredentialError(.unavailable, "\(host) did not answer in time.")
        case let error as HTTPClientError:
            // The short form: the long one quotes header fields that the client refuses to send.
            return CredentialError(.unavailable, "\(host) could not be reached: \(error.shortDescription).")
        case is NIOTooManyBytesError:
            return CredentialError(
                .invalidAnswer, "The answer of \(host) is longer than \(Self.maximumAnswerBytes) bytes.")
        default:
            let reason = PublicText.clean(SystemReason.text(error))
            return CredentialError(.unavailable, "\(host) could not be reached: \(reason).")
        }
    }
}

/// An answer, read to its end.
struct HTTPAnswer {
    /// Who answered, for messages.
    let host: String
    let status: Int
    let headers: HTTPHeaders
    let body: [UInt8]

    /// The server's own clock, Unix seconds, from its `Date` header.
    var serverSeconds: Int? { headers.first(name: "date").flatMap { CivilTime(httpDate: $0)?.unixSeconds } }
    var text: String { String(decoding: body, as: UTF8.self) }
}
