import PolluxJSON
import PolluxSecret

/// What an OAuth token endpoint answers: `{"access_token": …, "expires_in": 3599, "token_type": "Bearer"}`.
struct TokenAnswer {
    let value: Secret
    let lifeMilliseconds: Int
    /// Some endpoints replace the refresh token each time it is used.
    let refreshToken: Secret?

    /// The longest token that we carry: it must fit into the head of a request.
    static let maximumTokenBytes = 16 * 1024

    init(reading answer: HTTPAnswer, hiding secrets: [Secret]) throws(CredentialError) {
        guard answer.status == 200 else { throw TokenRefusal(answer, hiding: secrets).error }
        do {
            self = try readCredentialJSON(answer.body, of: "The answer of \(answer.host)") {
                (json: borrowing JSONDocument) throws(CredentialError) in
                let token = try json.requiredText("access_token", of: .root)
                let seconds =
                    json.wholeNumberMember("expires_in", of: .root) ?? AccessToken.assumedLifeSeconds
                return try Self(
                    token: token, seconds: seconds,
                    refreshToken: json.secretMember("refresh_token", of: .root))
            }
        } catch {
            throw CredentialError(.invalidAnswer, "\(answer.host) answered no usable token: \(error.message)")
        }
    }

    /// - Throws: when the token could not stand in a header, or has ended already.
    init(token: String, seconds: Int, refreshToken: Secret? = nil) throws(CredentialError) {
        guard token.utf8.count <= Self.maximumTokenBytes,
            token.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        else {
            throw .invalid("The access token is too long or has characters that no header may have.")
        }
        guard seconds > 0 else { throw .invalid("The access token has expired already.") }
        value = Secret(token)
        lifeMilliseconds = min(seconds, AccessToken.maximumLifeSeconds) * 1000
        self.refreshToken = refreshToken
    }

    private init(value: Secret, lifeMilliseconds: Int, refreshToken: Secret?) {
        self.value = value
        self.lifeMilliseconds = lifeMilliseconds
        self.refreshToken = refreshToken
    }

    /// - Parameter requestedAt: when the request was sent, so that a slow answer does not lengthen the life.
    func accessToken(requestedAt: Int, quotaProject: String? = nil) -> AccessToken {
        AccessToken(
            value: value, nowMilliseconds: requestedAt, lifeMilliseconds: lifeMilliseconds,
            quotaProject: quotaProject)
    }
}

/// An answer that is no token, in either form that Google uses.
///
///     {"error": "invalid_grant", "error_description": "Invalid JWT Signature."}     OAuth, STS
///     {"error": {"code": 403, "message": "…", "status": "PERMISSION_DENIED"}}       IAM credentials
struct TokenRefusal {
    let status: Int
    let host: String
    /// `invalid_grant`, `PERMISSION_DENIED`
    let code: String?
    let detail: String?

    init(_ answer: HTTPAnswer, hiding secrets: [Secret]) {
        status = answer.status
        host = answer.host
        var code: String?
        var detail: String?
        // An answer that is not JSON (a proxy's page) is not worth a message: its status says enough.
        try? readCredentialJSON(answer.body, of: "") {
            (json: borrowing JSONDocument) throws(CredentialError) in
            guard let error = json.value("error", of: .root) else { return }
            if json.isObject(error) {
                code = json.textMember("status", of: error)
                detail = json.textMember("message", of: error)
            } else {
                code = json.textMember("error", of: .root)
                detail = json.textMember("error_description", of: .root)
            }
        }
        self.code = code.map { PublicText.clean($0, hiding: secrets) }
        self.detail = detail.map { PublicText.clean($0, hiding: secrets) }
    }

    /// A 4xx stays what it is, but for "too slow" and "too often" (CRED-008).
    var isPermanent: Bool { (400...499).contains(status) && status != 408 && status != 429 }

    /// Whether the endpoint takes issue with the time in our assertion (CRED-002).
    var blamesClock: Bool {
        guard code == "invalid_grant", let detail else { return false }
        return detail.split { !$0.isLetter }.contains { $0 == "iat" || $0 == "exp" }
    }

    var error: CredentialError {
        let words = [code, detail].compactMap(\.self).joined(separator: ": ")
        let message = "\(host) answered \(status)" + (words.isEmpty ? "." : ": \(words)")
        return CredentialError(isPermanent ? .refused : .unavailable, message, isPermanent: isPermanent)
    }
}
