import Crypto
import CryptoExtras
import FoundationEssentials
import NIOHTTP1
import PolluxGoogleAuth
import PolluxJSON
import PolluxSecret
import Synchronization
import Testing

@Suite("Service account keys (CRED-002)")
struct ServiceAccountTests {
    /// Header and claims of an assertion whose signature is right.
    func verified(_ assertion: String, by key: _RSA.Signing.PublicKey) throws -> (
        header: String, claims: String
    ) {
        let parts = assertion.split(separator: ".")
        try #require(parts.count == 3)
        let signature = _RSA.Signing.RSASignature(rawRepresentation: try #require(base64URLDecoded(parts[2])))
        let digest = SHA256.hash(data: Data("\(parts[0]).\(parts[1])".utf8))
        #expect(key.isValidSignature(signature, for: digest, padding: .insecurePKCS1v1_5))
        return (
            String(decoding: try #require(base64URLDecoded(parts[0])), as: UTF8.self),
            String(decoding: try #require(base64URLDecoded(parts[1])), as: UTF8.self)
        )
    }

    @Test("The assertion is an RS256 JWT for the token endpoint, valid for an hour")
    func assertion() async throws {
        try await withFixture { fixture in
            let token = try await fixture.provider(fixture.serviceAccount()).fetchToken()
            #expect(token.value.text == "t1")
            #expect(token.expiry == fixture.clock.seconds + 3600)
            let request = try #require(fixture.server.requests.first)
            #expect(request.method == "POST")
            #expect(request.path == "/token")
            #expect(request.headers.first(name: "content-type") == "application/x-www-form-urlencoded")
            #expect(request.form["grant_type"] == "urn:ietf:params:oauth:grant-type:jwt-bearer")
            let (header, claims) = try verified(
                try #require(request.form["assertion"]), by: testKey.publicKey)
            #expect(header == #"{"alg":"RS256","typ":"JWT","kid":"k1"}"#)
            let now = fixture.clock.seconds
            #expect(
                claims == #"{"iss":"x@y.iam.gserviceaccount.com","#
                    + #""scope":"https://www.googleapis.com/auth/cloud-platform","#
                    + #""aud":"\#(fixture.server.url)/token","iat":\#(now),"exp":\#(now + 3600)}"#)
        }
    }

    @Test(
        "A clock that is wrong is put right by the server's Date, once",
        arguments: [
            "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. Check your iat "
                + "and exp values in the JWT claim.",
            "iat is in the future",
        ])
    func clockSkew(description: String) async throws {
        let refused = TokenServer.Answer.json(
            #"{"error":"invalid_grant","error_description":"\#(description)"}"#, status: 400,
            headers: ["date": "Sat, 21 Nov 2026 08:00:00 GMT"])
        let isFirst = Mutex(true)
        try await withFixture(
            .answering { _ in
                isFirst.withLock { first in
                    defer { first = false }
                    return first ? refused : .token("t2")
                }
            }
        ) { fixture in
            let token = try await fixture.provider(fixture.serviceAccount()).fetchToken()
            #expect(token.value.text == "t2")
            #expect(token.expiry == fixture.clock.seconds + 3600)
            #expect(fixture.server.requests.count == 2)
            let assertion = try #require(fixture.server.requests.last?.form["assertion"])
            let (_, claims) = try verified(assertion, by: testKey.publicKey)
            #expect(claims.contains(#""iat":1795248000,"exp":1795251600}"#))
        }
    }

    @Test("A clock that stays wrong is tried twice and no more")
    func hopelessClock() async throws {
        try await withFixture(
            .answering { _ in
                .json(
                    #"{"error":"invalid_grant","error_description":"check exp"}"#, status: 400,
                    headers: ["date": "Sat, 21 Nov 2026 08:00:00 GMT"])
            }
        ) { fixture in
            let error = try await fixture.failure(fixture.serviceAccount())
            #expect(error?.isPermanent == true)
            #expect(fixture.server.requests.count == 2)
        }
    }

    @Test("Another refusal is permanent and not repeated; its words reach the operator")
    func refused() async throws {
        try await withFixture(
            .answering { _ in
                .json(#"{"error":"invalid_grant","error_description":"Invalid JWT Signature."}"#, status: 400)
            }
        ) { fixture in
            let error = try await fixture.failure(fixture.serviceAccount())
            #expect(error?.reason == .refused)
            #expect(error?.isPermanent == true)
            #expect(
                error?.message
                    == "http://127.0.0.1 answered 400: invalid_grant: Invalid JWT Signature.".replacing(
                        "http://127.0.0.1", with: fixture.server.url))
            #expect(fixture.server.requests.count == 1)
        }
    }

    @Test(
        "A key that is none is refused when it is loaded, and not shown",
        arguments: [
            #""private_key":"-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n""#,
            #""private_key":"c2VjcmV0""#, #""private_key":"""#, #""x":"c2VjcmV0""#,
        ])
    func badKey(member: String) async throws {
        try await withFixture { fixture in
            let json = #"{"type":"service_account","client_email":"a@b",\#(member)}"#
            let error = try #require(try await fixture.failure(json))
            #expect(error.reason == .invalid)
            #expect(!error.message.contains("c2VjcmV0"))
            #expect(error.message.contains("private_key"))
        }
    }

    @Test(
        "The life of a token is what the endpoint says, within twelve hours",
        arguments: [
            ("3599", 3599), (#""1800""#, 1800), ("12.7", 12), ("99999999999", 43200), ("null", 300),
        ])
    func lives(written: String, seconds: Int) async throws {
        try await withFixture(
            .answering { _ in
                .json(#"{"access_token":"t","expires_in":\#(written)}"#)
            }
        ) { fixture in
            let token = try await fixture.provider(fixture.serviceAccount()).fetchToken()
            #expect(token.expiry == fixture.clock.seconds + seconds)
        }
    }

    @Test(
        "An answer that is no token is an error that may pass",
        arguments: [
            "", "<html>", "[]", "{}", #"{"access_token":""}"#, #"{"access_token":"a b"}"#,
            #"{"access_token":"a\r\nx: y"}"#,
            #"{"access_token":"t","expires_in":0}"#, #"{"access_token":"t","expires_in":-5}"#,
            #"{"access_token":7}"#,
        ])
    func noToken(body: String) async throws {
        try await withFixture(.answering { _ in .json(body) }) { fixture in
            let error = try await fixture.failure(fixture.serviceAccount())
            #expect(error?.reason == .invalidAnswer)
            #expect(error?.isPermanent == false)
        }
    }

    @Test(
        "Statuses tell what may pass from what stays",
        arguments: [
            (400, true), (401, true), (403, true), (404, true), (408, false), (429, false), (500, false),
            (503, false),
            (302, false),
        ])
    func statuses(status: Int, isPermanent: Bool) async throws {
        try await withFixture(
            .answering { _ in
                .json("oops", status: status, headers: ["location": "http://127.0.0.1:1/elsewhere"])
            }
        ) { fixture in
            let error = try await fixture.failure(fixture.serviceAccount())
            #expect(error?.isPermanent == isPermanent)
            #expect(fixture.server.requests.count == 1)
        }
    }

    @Test("An endless answer, a cut one and a silent endpoint end in an error that may pass")
    func limits() async throws {
        let gate = Gate()
        try await withFixture { fixture in
            let file = fixture.serviceAccount()
            fixture.server.answer { _ in
                .json(String(repeating: "x", count: CredentialHTTP.maximumAnswerBytes + 1))
            }
            #expect(try await fixture.failure(file)?.reason == .invalidAnswer)
            fixture.server.answer { _ in
                TokenServer.Answer(body: String(repeating: "x", count: 100), end: .closedHalfway)
            }
            #expect(try await fixture.failure(file)?.reason == .unavailable)
            fixture.server.answer { _ in
                await gate.pass()
                return .token("late")
            }
            var http = fixture.http
            http.requestLimit = .milliseconds(50)
            let credential = try await CredentialLoader.load(
                .file(path: try fixture.write(file)), http: http, environment: fixture.environment,
                time: fixture.clock.time, logger: fixture.logger)
            let provider = try fixture.provider(of: credential)
            let error = await #expect(throws: CredentialError.self) { try await provider.fetchToken() }
            #expect(error?.message == "\(fixture.server.url) did not answer in time.")
            #expect(error?.isPermanent == false)
            gate.open()
            fixture.server.answer { _ in TokenServer.Answer(body: "{\"access_token\":", end: .silentHalfway) }
            let second = await #expect(throws: CredentialError.self) { try await provider.fetchToken() }
            #expect(second?.message == "\(fixture.server.url) did not answer in time.")
        }
    }
}
