import AsyncHTTPClient
import Crypto
import CryptoExtras
import FoundationEssentials
import Logging
import NIOHTTP1
import PolluxGoogleAuth
import PolluxJSON
import PolluxSecret
import Testing

/// A server, a client, a clock and a folder for one test.
struct Fixture: Sendable {
    let server: TokenServer
    let client: HTTPClient
    let clock = VirtualTime()
    let folder: String
    var environment = CredentialEnvironment(variables: ["NO_GCE_CHECK": "true"])

    var http: CredentialHTTP { CredentialHTTP(client: client) }
    let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    /// Writes a file into the folder and gives its path.
    @discardableResult
    func write(_ text: String, to name: String = "credentials.json") throws -> String {
        let path = "\(folder)/\(name)"
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        return path
    }

    func load(
        _ source: CredentialSource, impersonating: String? = nil
    ) async throws(CredentialError) -> LoadedCredential {
        try await CredentialLoader.load(
            source, impersonating: impersonating, http: http, environment: environment, time: clock.time,
            logger: logger, impersonationBaseURL: server.url)
    }

    /// Why loading fails; `nil` when it does not.
    func loadFailure(_ source: CredentialSource, impersonating: String? = nil) async -> CredentialError? {
        do {
            _ = try await load(source, impersonating: impersonating)
            return nil
        } catch {
            return error
        }
    }

    /// The provider for a file with this text.
    func provider(_ json: String) async throws -> any TokenProvider {
        try provider(of: try await load(.file(path: try write(json))))
    }

    func provider(of credential: LoadedCredential) throws -> any TokenProvider {
        guard case .tokens(let provider) = credential.kind else { throw NoProvider() }
        return provider
    }

    /// The error that loading or fetching ends in; `nil` when there is a token.
    func failure(_ json: String) async throws -> CredentialError? {
        do {
            _ = try await provider(json).fetchToken()
            return nil
        } catch let error as CredentialError {
            return error
        }
    }

    /// A service account's key file.
    func serviceAccount(
        email: String = "x@y.iam.gserviceaccount.com", key: _RSA.Signing.PrivateKey = testKey,
        extra: String = ""
    ) -> String {
        let pem = key.pemRepresentation.replacing("\n", with: "\\n")
        return #"""
            {"type":"service_account","project_id":"p1","private_key_id":"k1","private_key":"\#(pem)",
             "client_email":"\#(email)","token_uri":"\#(server.url)/token"\#(extra)}
            """#
    }
}

struct NoProvider: Error {}

/// One for all tests, as making it takes long.
let testKey: _RSA.Signing.PrivateKey = {
    do {
        return try _RSA.Signing.PrivateKey(keySize: .bits2048)
    } catch {
        preconditionFailure("no key can be made: \(error)")
    }
}()

/// Runs `body` with a fixture of its own and takes it down again.
func withFixture(
    _ script: TokenServer.Script = .answering { _ in .token("t1") },
    _ body: (inout Fixture) async throws -> Void
) async throws {
    let server = try await TokenServer.start(script.respond)
    let client = HTTPClient(
        eventLoopGroupProvider: .singleton, configuration: CredentialHTTP.clientConfiguration)
    let folder = "\(FileManager.default.temporaryDirectory.path)/pollux-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    var fixture = Fixture(server: server, client: client, folder: folder)
    var failure: (any Error)?
    do {
        try await body(&fixture)
    } catch {
        failure = error
    }
    try await client.shutdown()
    try await server.stop()
    try FileManager.default.removeItem(atPath: folder)
    if let failure { throw failure }
}

extension Secret {
    /// The text, for comparison in tests.
    var text: String { withText { $0 } }
}

/// Reads a JSON text in a test.
func reading<Result>(_ text: String, _ body: (borrowing JSONDocument) throws -> Result) throws -> Result {
    let bytes = Array(text.utf8)
    var tape = JSONTape()
    try tape.parse(bytes.span)
    return try body(tape.document(of: bytes.span))
}

/// Undoes base64url.
func base64URLDecoded(_ text: some StringProtocol) -> Data? {
    var base64 = String(text).replacing("-", with: "+").replacing("_", with: "/")
    while base64.utf8.count % 4 != 0 { base64 += "=" }
    return Data(base64Encoded: base64)
}

extension JSONDocument {
    struct NoMember: Error {}

    /// The member's value, which must be there.
    func required(_ name: StaticString, of node: JSONNode = .root) throws -> JSONNode {
        guard let value = member(name, of: node) else { throw NoMember() }
        return value
    }
}
