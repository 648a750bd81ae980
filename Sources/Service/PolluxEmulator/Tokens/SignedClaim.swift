import Crypto
import CryptoExtras
import FoundationEssentials
import PolluxJSON

/// A JSON web token by which a service account asks for an access token.
///
/// - Source: RFC 7519, RFC 7523; "Using OAuth 2.0 for Server to Server Applications".
struct SignedClaim: Sendable {
    /// Why a claim is refused: OAuth's word, and Google's text.
    struct Refusal: Error, Equatable {
        var error = "invalid_grant"
        var description: String
    }

    /// Seconds that a claim may live, and by which clocks may differ.
    static let maximumSeconds = 3600
    static let skewSeconds = 300

    private let issuer: String
    private let audience: String
    private let scope: String?
    private let issuedAt: Int
    private let expiresAt: Int
    private let signed: [UInt8]
    private let signature: [UInt8]

    init(_ text: String) throws(Refusal) {
        let pieces = text.split(separator: ".", omittingEmptySubsequences: false)
        guard pieces.count == 3 else { throw Refusal(description: "Invalid JWT: must have three parts.") }
        guard let header = Base64.decoded(Array(pieces[0].utf8)), let claims = Base64.decoded(Array(pieces[1].utf8)),
            let signature = Base64.decoded(Array(pieces[2].utf8))
        else { throw Refusal(description: "Invalid JWT: Failed to decode.") }
        self.signature = signature
        signed = Array("\(pieces[0]).\(pieces[1])".utf8)
        var tape = JSONTape()
        let malformed = Refusal(description: "Invalid JWT: Failed to parse.")
        do {
            try tape.parse(header.span)
            let json = tape.document(of: header.span)
            guard json.text(of: json.value("alg", of: .root)) == "RS256" else {
                throw JSONError(.unexpectedByte, at: 0)
            }
        } catch {
            throw Refusal(description: "Invalid JWT: the algorithm must be RS256.")
        }
        do {
            try tape.parse(claims.span)
        } catch {
            throw malformed
        }
        let json = tape.document(of: claims.span)
        guard let issuer = json.text(of: json.value("iss", of: .root)),
            let audience = json.text(of: json.value("aud", of: .root)),
            let issuedAt = json.wholeNumber(json.value("iat", of: .root)),
            let expiresAt = json.wholeNumber(json.value("exp", of: .root))
        else { throw malformed }
        self.issuer = issuer
        self.audience = audience
        self.issuedAt = issuedAt
        self.expiresAt = expiresAt
        scope = json.text(of: json.value("scope", of: .root))
    }

    /// Whether the claim is good: who signed it, for whom, and when.
    func check(_ accounts: [ServiceAccount], seconds now: Int) throws(Refusal) {
        try checkSignature(accounts)
        guard audience.hasSuffix("/token") else { throw Refusal(description: "Invalid JWT: Failed audience check.") }
        guard expiresAt > now, issuedAt <= now + Self.skewSeconds, issuedAt > now - Self.maximumSeconds,
            expiresAt - issuedAt <= Self.maximumSeconds
        else {
            throw Refusal(
                description: "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable "
                    + "timeframe. Check your iat and exp values in the JWT claim.")
        }
        guard let scope, !scope.isEmpty else {
            throw Refusal(
                error: "invalid_scope", description: "Invalid OAuth scope or ID token audience provided.")
        }
    }

    private func checkSignature(_ accounts: [ServiceAccount]) throws(Refusal) {
        guard !accounts.isEmpty else { return }
        guard let account = accounts.first(where: { $0.email == issuer }) else {
            throw Refusal(description: "Invalid grant: account not found")
        }
        let given = _RSA.Signing.RSASignature(rawRepresentation: Data(signature))
        guard account.key.isValidSignature(given, for: SHA256.hash(data: Data(signed)), padding: .insecurePKCS1v1_5)
        else { throw Refusal(description: "Invalid JWT Signature.") }
    }
}
