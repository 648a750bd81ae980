import NIOHTTP1
import PolluxJSON

/// The metadata server of Google's machines and clusters (CRED-005).
///
/// - Limits: finding it takes ``maximumAttempts`` × ``maximumTimeout`` at most; each other request the
///   time of any request to a token endpoint.
/// - Source: Google Cloud, "About VM metadata"; variables as in Google's client libraries.
struct MetadataServer: Sendable {
    /// Name or address, with a port where there is one.
    let host: String
    /// Where we look whether there is a metadata server at all: an address, so that no name server waits.
    let detectionHost: String
    private let timeout: Duration
    private let attempts: Int
    private let context: CredentialContext

    static let defaultTimeout = 3.0
    static let maximumTimeout = 10.0
    static let defaultAttempts = 3
    static let maximumAttempts = 5

    init(context: CredentialContext) {
        let environment = context.environment
        let named = environment.first(of: "GCE_METADATA_HOST", "GCE_METADATA_ROOT")
        host = named ?? "metadata.google.internal"
        // Whoever names a host of his own means that one; the usual address would be another server.
        detectionHost = environment["GCE_METADATA_IP"] ?? named ?? "169.254.169.254"
        let seconds = environment["GCE_METADATA_TIMEOUT"].flatMap(Double.init) ?? Self.defaultTimeout
        timeout = .seconds(seconds > 0 ? min(seconds, Self.maximumTimeout) : Self.defaultTimeout)
        let attempts = environment["GCE_METADATA_DETECT_RETRIES"].flatMap(Int.init) ?? Self.defaultAttempts
        self.attempts = max(1, min(attempts, Self.maximumAttempts))
        self.context = context
    }

    /// Whether there is a metadata server.
    func isPresent() async -> Bool {
        for _ in 0..<attempts {
            do {
                let answer = try await context.http.send(
                    .GET, "http://\(detectionHost)/", headers: Self.headers, directly: true, within: timeout)
                return Self.isGenuine(answer)
            } catch {
                if error.reason == .cancelled { return false }
            }
        }
        return false
    }

    /// A value of the tree below `/computeMetadata/v1/`.
    func get(_ path: String) async throws(CredentialError) -> HTTPAnswer {
        let answer = try await context.http.send(
            .GET, "http://\(host)/computeMetadata/v1/\(path)", headers: Self.headers, directly: true)
        guard Self.isGenuine(answer) else {
            throw CredentialError(.invalidAnswer, "\(answer.host) is not a metadata server of Google's.")
        }
        return answer
    }

    /// The machine's project; `nil` when the server does not say.
    func projectID() async -> String? {
        // A missing project is no failure here: the configuration may name one later, or none is needed.
        guard let answer = try? await get("project/project-id"), answer.status == 200 else { return nil }
        let text = answer.text.trimmingASCIISpace()
        let isName = text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "/") }
        return !text.isEmpty && text.utf8.count <= 64 && isName ? text : nil
    }

    private static let headers: HTTPHeaders = ["metadata-flavor": "Google"]

    /// A proxy or a router's page does not send this header back.
    private static func isGenuine(_ answer: HTTPAnswer) -> Bool {
        answer.headers.first(name: "metadata-flavor") == "Google"
    }
}

/// The tokens of the service account that this machine runs as.
///
/// The server hands out the same token until five minutes before its end, so an identical token is no
/// failure.
struct MetadataProvider: TokenProvider {
    let server: MetadataServer
    let projectID: String?
    private let context: CredentialContext

    init(server: MetadataServer, projectID: String?, context: CredentialContext) {
        self.server = server
        self.projectID = projectID
        self.context = context
    }

    var identity: String { "default service account of this machine" }

    func fetchToken() async throws(CredentialError) -> AccessToken {
        let now = context.time.nowMilliseconds()
        let path = "instance/service-accounts/default/token?scopes=\(percentEncoded(GoogleNames.scope))"
        let answer = try await server.get(path)
        return try TokenAnswer(reading: answer, hiding: []).accessToken(requestedAt: now)
    }
}

extension String {
    /// Without white space at both ends.
    func trimmingASCIISpace() -> String {
        let isSpace: (UInt8) -> Bool = { $0 == 0x20 || (0x09...0x0D).contains($0) }
        let bytes = utf8.drop(while: isSpace)
        let rest = bytes.reversed().drop(while: isSpace).reversed()
        return String(decoding: Array(rest), as: UTF8.self)
    }
}
