import Crypto
import CryptoExtras
import FoundationEssentials
import Logging
import NIOHTTP1
import PolluxJSON
import PolluxSecret

/// `service_account`: a key of our own, by which we sign who we are (CRED-002).
///
///     POST token_uri
///     grant_type=urn:ietf:params:oauth:grant-type:jwt-bearer&assertion=<JWT>
///
/// - Source: Google, "Using OAuth 2.0 for Server to Server Applications"; RFC 7523.
struct ServiceAccountProvider: TokenProvider {
    let email: String
    let projectID: String?
    let universeDomain: String
    private let keyID: String?
    private let key: _RSA.Signing.PrivateKey
    private let tokenURL: String
    private let quotaProject: String?
    private let context: CredentialContext

    /// What an assertion may live; Google accepts no more than an hour.
    static let assertionSeconds = 3600

    var identity: String { "service account \(email)" }

    init(
        reading json: borrowing JSONDocument, at node: JSONNode, context: CredentialContext
    ) throws(CredentialError) {
        email = try json.requiredText("client_email", of: node)
        projectID = json.textMember("project_id", of: node)
        universeDomain = try json.universeDomain(of: node)
        keyID = json.textMember("private_key_id", of: node)
        quotaProject = json.textMember("quota_project_id", of: node)
        tokenURL = try context.checkedURL(
            json.textMember("token_uri", of: node) ?? GoogleNames.tokenURL(universe: universeDomain),
            of: "token_uri")
        self.context = context
        let pem = try json.requiredText("private_key", of: node)
        do {
            key = try _RSA.Signing.PrivateKey(pemRepresentation: pem)
        } catch {
            // The library's reason is left out: it might quote the key.
            throw .invalid("`private_key` is not an RSA key of 2048 bits or more in PEM form.")
        }
    }

    func fetchToken() async throws(CredentialError) -> AccessToken {
        let now = context.time.nowMilliseconds()
        let assertion = try assertion(issuedAt: now / 1000)
        var answer = try await exchange(assertion)
        if answer.status != 200, let serverSeconds = answer.serverSeconds,
            TokenRefusal(answer, hiding: [assertion]).blamesClock
        {
            // Our clock is wrong; the endpoint's is the one that counts.
            context.logger.warning(
                "The local clock differs from the token endpoint's",
                metadata: ["seconds": "\(now / 1000 - serverSeconds)"])
            answer = try await exchange(try self.assertion(issuedAt: serverSeconds))
        }
        return try TokenAnswer(reading: answer, hiding: [assertion])
            .accessToken(requestedAt: now, quotaProject: quotaProject)
    }

    private func exchange(_ assertion: Secret) async throws(CredentialError) -> HTTPAnswer {
        var form = Form()
        form.add("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer")
        form.add("assertion", assertion)
        return try await context.http.post(tokenURL, form: form)
    }

    /// The signed claim: header, claims and signature in base64url with dots between (RFC 7515).
    func assertion(issuedAt seconds: Int) throws(CredentialError) -> Secret {
        var header = JSONWriter()
        header.beginObject()
        header.key("alg")
        header.string("RS256")
        header.key("typ")
        header.string("JWT")
        header.member("kid", keyID)
        header.endObject()

        var claims = JSONWriter()
        claims.beginObject()
        claims.member("iss", email)
        claims.member("scope", GoogleNames.scope)
        claims.member("aud", tokenURL)
        claims.member("iat", seconds)
        claims.member("exp", seconds + Self.assertionSeconds)
        claims.endObject()

        let signed = base64URL(header.output.array()) + "." + base64URL(claims.output.array())
        do {
            let digest = SHA256.hash(data: Array(signed.utf8))
            let signature = try key.signature(for: digest, padding: .insecurePKCS1v1_5)
            return Secret(signed + "." + base64URL(Array(signature.rawRepresentation)))
        } catch {
            throw .invalid("`private_key` cannot sign.")
        }
    }
}

/// Base64 in the alphabet for URLs, without padding (RFC 4648, 5).
func base64URL(_ bytes: [UInt8]) -> String {
    let text = Data(bytes).base64EncodedString()
    let characters = text.utf8.filter { $0 != UInt8(ascii: "=") }.map { byte in
        switch byte {
        case UInt8(ascii: "+"): UInt8(ascii: "-")
        case UInt8(ascii: "/"): UInt8(ascii: "_")
        default: byte
        }
    }
    return String(decoding: characters, as: UTF8.self)
}

extension CredentialHTTP {
    /// Sends a form; with `basic`, as `Authorization: Basic` of `id:secret`.
    func post(
        _ url: String, form: Form, basic: (id: String, secret: Secret)? = nil
    ) async throws(CredentialError) -> HTTPAnswer {
        var headers: HTTPHeaders = [
            "content-type": "application/x-www-form-urlencoded", "accept": "application/json",
        ]
        if let basic {
            let pair = basic.secret.withText { Data("\(basic.id):\($0)".utf8).base64EncodedString() }
            headers.add(name: "authorization", value: "Basic \(pair)")
        }
        return try await send(.POST, url, headers: headers, body: form.text)
    }
}
