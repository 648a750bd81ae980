import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import NIOPosix
public import NIOSSL
import PolluxHTTPClient

/// Fetches media that the upstream cannot (MM-003, MM-006, MM-040).
///
/// Every name is resolved here, every one of its addresses must be public, and the connection goes to the address
/// that was checked; so at every redirect.
/// - Limits: ``maximumBytes`` of content, 15 s in all, 5 redirects; of one request 8 fetches at a time, `maximumCount`
///   in all, and `maximumTogether` bytes.
public struct MediaFetcher: Sendable {
    /// What was fetched.
    public struct Media: Sendable {
        public var content: [UInt8]
        /// `Content-Type`, as it came.
        public var contentType: String?
    }

    /// Why not. It says nothing about the network behind the gateway.
    public struct Failure: Error, Sendable, Equatable {
        public var message: String
    }

    static let timeout = TimeAmount.seconds(15)
    static let maximumRedirects = 5
    static let parallel = 8
    /// Of one request: as many as a prompt may have pictures.
    public static let maximumCount = 900
    /// Bytes of one request's media together, unless one alone may be larger.
    private static let maximumTogether = 128 * 1024 * 1024

    public var maximumBytes: Int
    private var maximumTotal: Int { max(maximumBytes, Self.maximumTogether) }
    /// Fetch from addresses that are not public, too.
    public var allowsPrivate: Bool
    /// Whom to trust on `https`; `nil` means the system's authorities.
    public var tls: TLSConfiguration?

    public init(maximumBytes: Int, allowsPrivate: Bool, tls: TLSConfiguration? = nil) {
        self.maximumBytes = maximumBytes
        self.allowsPrivate = allowsPrivate
        self.tls = tls
    }

    /// Fetches all of them, until one cannot be had.
    public func fetch(_ urls: Set<String>) async -> [String: Result<Media, Failure>] {
        await withTaskGroup(of: (String, Result<Media, Failure>).self) { group in
            var results: [String: Result<Media, Failure>] = [:]
            var waiting = urls.makeIterator()
            var bytes = 0
            for _ in 0..<Self.parallel {
                guard let url = waiting.next() else { break }
                group.addTask { (url, await self.fetch(url)) }
            }
            while let (url, result) = await group.next() {
                results[url] = result
                if case .success(let media) = result { bytes += media.content.count }
                if bytes > maximumTotal { results[url] = .failure(tooMuch) }
                if case .failure = results[url] {
                    group.cancelAll()
                    return results
                }
                if let next = waiting.next() { group.addTask { (next, await self.fetch(next)) } }
            }
            return results
        }
    }

    private func fetch(_ text: String) async -> Result<Media, Failure> {
        // The limit holds for the whole of it: names, redirects and the body's last byte.
        await withTaskGroup(of: Result<Media, Failure>?.self) { group in
            group.addTask { await self.follow(text) }
            group.addTask {
                // Cancelled when the fetch was faster.
                try? await Task.sleep(for: .nanoseconds(Self.timeout.nanoseconds))
                return nil
            }
            let first = await group.next() ?? nil
            group.cancelAll()
            return first ?? .failure(Failure(message: "the server did not answer in time"))
        }
    }

    private func follow(_ text: String) async -> Result<Media, Failure> {
        guard var url = MediaURL(text) else { return .failure(Failure(message: "not a valid http(s) URL")) }
        for _ in 0...Self.maximumRedirects {
            switch await get(url) {
            case .success(.media(let media)): return .success(media)
            case .success(.redirect(let location)):
                guard let next = url.redirected(to: location) else {
                    return .failure(Failure(message: "it redirects to an address that is not allowed"))
                }
                url = next
            case .failure(let failure): return .failure(failure)
            }
        }
        return .failure(Failure(message: "too many redirects"))
    }

    private enum Answer {
        case media(Media)
        case redirect(String)
    }

    private func get(_ url: MediaURL) async -> Result<Answer, Failure> {
        let host = url.host
        let addresses = try? await NIOThreadPool.singleton.runIfActive { Resolver.addresses(of: host) }
        guard let addresses, let first = addresses.first else {
            return .failure(Failure(message: "its host was not found"))
        }
        guard allowsPrivate || addresses.allSatisfy(PublicAddress.isPublic) else {
            return .failure(Failure(message: "its address is not allowed"))
        }
        var configuration = HTTPClient.Configuration(
            tlsConfiguration: tls, redirectConfiguration: .disallow,
            timeout: .init(connect: .seconds(5), read: Self.timeout)
        )
        configuration.dnsOverride = [host: Resolver.text(first)]
        configuration.guardStatuses()
        let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        let result = await get(url, client)
        // Nothing can be done about a client that does not close.
        try? await client.shutdown()
        return result
    }

    private func get(_ url: MediaURL, _ client: HTTPClient) async -> Result<Answer, Failure> {
        do {
            var request = HTTPClientRequest(url: url.text)
            request.headers.add(name: "accept", value: "*/*")
            request.headers.add(name: "accept-encoding", value: "identity")
            request.headers.add(name: "user-agent", value: "pollux")
            let response = try await client.execute(request, timeout: Self.timeout)
            if (300..<400).contains(response.status.code), let location = response.headers.first(name: "location") {
                return .success(.redirect(location))
            }
            guard response.status == .ok else {
                return .failure(Failure(message: "its server answered \(response.status.code)"))
            }
            if let length = response.headers.first(name: "content-length").flatMap({ Int($0) }), length > maximumBytes {
                return .failure(tooLarge)
            }
            var content: [UInt8] = []
            for try await piece in response.body {
                guard content.count + piece.readableBytes <= maximumBytes else { return .failure(tooLarge) }
                content.append(contentsOf: piece.readableBytesView)
            }
            return .success(
                .media(Media(content: content, contentType: response.headers.first(name: "content-type")))
            )
        } catch {
            return .failure(Failure(message: "it could not be fetched"))
        }
    }

    private var tooMuch: Failure { Failure(message: "with the others it is more than \(maximumTotal) bytes") }
    private var tooLarge: Failure { Failure(message: "it is larger than \(maximumBytes) bytes") }
}
