import Crypto
import CryptoExtras
import FoundationEssentials
import PolluxJSON
import Testing

@testable import PolluxEmulator

@Suite("Emulator: token services (01 § 5)")
struct TokenTests {
    static let grant = "urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer"
    static let key = try? _RSA.Signing.PrivateKey(keySize: .bits2048)

    static func knowing(_ configure: (inout EmulatorConfiguration) -> Void = { _ in }) throws -> Talking {
        let key = try #require(key)
        return Talking {
            $0.serviceAccounts = [ServiceAccount(email: "me@p.iam.gserviceaccount.com", key: key.publicKey)]
            configure(&$0)
        }
    }

    static func claim(
        issuer: String = "me@p.iam.gserviceaccount.com", audience: String = "https://oauth2.googleapis.com/token",
        issued: Int = Asking.time, seconds: Int = 3600, scope: String = "s"
    ) throws -> String {
        let claims = JSONWriter.objectText {
            $0.member("iss", issuer)
            $0.member("aud", audience)
            $0.member("scope", scope)
            $0.member("iat", issued)
            $0.member("exp", issued + seconds)
        }
        func coded(_ bytes: [UInt8]) -> String {
            String(decoding: Base64.encoded(bytes), as: UTF8.self).replacing("+", with: "-").replacing("/", with: "_")
                .replacing("=", with: "")
        }
        let signed = coded(Array(#"{"alg":"RS256","typ":"JWT"}"#.utf8)) + "." + coded(claims)
        let digest = SHA256.hash(data: Data(signed.utf8))
        let signature = try #require(key).signature(for: digest, padding: .insecurePKCS1v1_5)
        return signed + "." + coded(Array(signature.rawRepresentation))
    }

    static func exchange(_ assertion: String, _ emulator: Talking) -> Heard {
        emulator.ask("POST", "/token", "grant_type=\(grant)&assertion=\(assertion)")
    }

    @Test("A signed claim gives a token that the services take while it lives")
    func serviceAccount() throws {
        let emulator = try Self.knowing {
            $0.checksTokens = true
            $0.tokenLifeSeconds = 100
        }
        let heard = Self.exchange(try Self.claim(), emulator)
        #expect(heard["expires_in"] == "100", "\(heard.text)")
        let token = try #require(heard["access_token"])
        func ask(_ token: String) -> Heard {
            emulator.ask("POST", Asking.vertex.path, says("a"), authorization: "Bearer \(token)")
        }
        #expect(ask(token).status == 200)
        #expect(ask(token + "x")["error.details.0.reason"] == "ACCESS_TOKEN_TYPE_UNSUPPORTED")
        _ = emulator.ask("POST", "/emulator/clock", #"{"advance":"100s"}"#)
        let late = ask(token)
        #expect(late.status == 401)
        #expect(late["error.details.0.reason"] == "ACCESS_TOKEN_EXPIRED")
    }

    @Test("Claims that are wrong are refused in Google's words")
    func refusedClaims() throws {
        let emulator = try Self.knowing()
        func refusal(_ claim: String) -> String? { Self.exchange(claim, emulator)["error_description"] }
        let good = try Self.claim()
        #expect(refusal(good) == nil)
        let pieces = good.split(separator: ".")
        #expect(refusal("\(pieces[0]).\(pieces[1]).AAAA") == "Invalid JWT Signature.")
        #expect(refusal(try Self.claim(issuer: "you@p")) == "Invalid grant: account not found")
        #expect(refusal(try Self.claim(audience: "https://example.com/")) == "Invalid JWT: Failed audience check.")
        let timeframe = "Invalid JWT: Token must be a short-lived token (60 minutes)"
        #expect(refusal(try Self.claim(seconds: 7200))?.hasPrefix(timeframe) == true)
        #expect(refusal(try Self.claim(issued: Asking.time - 4000))?.hasPrefix(timeframe) == true)
        #expect(refusal(try Self.claim(issued: Asking.time + 1000))?.hasPrefix(timeframe) == true)
        #expect(Self.exchange(try Self.claim(scope: ""), emulator)["error"] == "invalid_scope")
        #expect(refusal("a.b") == "Invalid JWT: must have three parts.")
        #expect(refusal("ab.cd.ef") != nil)
    }

    @Test("Without a known account the signature is not looked at, all else is")
    func unknownAccounts() throws {
        #expect(Self.exchange(try Self.claim(issuer: "you@p"), Talking()).status == 200)
        #expect(Self.exchange(try Self.claim(seconds: 7200), Talking()).status == 400)
    }

    @Test("A refresh token gives a token, unless it was revoked")
    func refreshToken() {
        let emulator = Talking()
        #expect(emulator.ask("POST", "/token", "grant_type=refresh_token&refresh_token=r").status == 200)
        let revoked = emulator.ask("POST", "/token", "grant_type=refresh_token&refresh_token=revoked")
        #expect(revoked["error"] == "invalid_grant")
        #expect(emulator.ask("POST", "/token", "grant_type=password")["error"] == "unsupported_grant_type")
        #expect(emulator.ask("POST", "/token", "").status == 400)
    }

    @Test("A foreign token is exchanged, and a token acts for a service account")
    func exchangeAndImpersonation() throws {
        let emulator = Talking { $0.checksTokens = true }
        let type = "urn%3Aietf%3Aparams%3Aoauth"
        let form =
            "grant_type=\(type)%3Agrant-type%3Atoken-exchange&subject_token=s&audience=%2F%2Fiam.googleapis.com%2Fp"
            + "&requested_token_type=\(type)%3Atoken-type%3Aaccess_token&subject_token_type=\(type)%3Atoken-type%3Ajwt"
        let exchanged = emulator.ask("POST", "/sts/v1/token", form)
        #expect(exchanged["issued_token_type"] == "urn:ietf:params:oauth:token-type:access_token")
        #expect(emulator.ask("POST", "/sts/v1/token", "grant_type=x").status == 400)
        let token = try #require(exchanged["access_token"])
        let path = "/v1/projects/-/serviceAccounts/a@p.iam.gserviceaccount.com:generateAccessToken"
        let body = #"{"scope":["s"],"lifetime":"300s"}"#
        let acting = emulator.ask("POST", path, body, authorization: "Bearer \(token)")
        #expect(acting["expireTime"] == "2026-03-21T18:16:55Z")
        #expect(acting["accessToken"]?.hasPrefix("ya29.") == true)
        #expect(emulator.ask("POST", path, body, authorization: "Bearer nonsense").status == 401)
        #expect(emulator.ask("POST", path, #"{"scope":[]}"#, authorization: "Bearer \(token)").status == 400)
    }

    @Test("The metadata server asks for its field, and gives the same token until it ages")
    func metadata() throws {
        let emulator = Talking()
        func get(_ path: String, flavor: String? = "Google") -> Heard {
            emulator.ask("GET", path, metadataFlavor: flavor)
        }
        let token = "/computeMetadata/v1/instance/service-accounts/default/token"
        #expect(get(token, flavor: nil).status == 403)
        let first = get(token)
        #expect(first.fields.contains { $0.name == "Metadata-Flavor" && $0.value == "Google" })
        #expect(get(token)["access_token"] == first["access_token"])
        _ = emulator.ask("POST", "/emulator/clock", #"{"advance":"3500s"}"#)
        #expect(get(token)["access_token"] != first["access_token"])
        #expect(get("/computeMetadata/v1/project/project-id").text == "emulator")
        #expect(get("/", flavor: nil).status == 200)
        let account = get("/computeMetadata/v1/instance/service-accounts/default/?recursive=true")
        #expect(account["email"]?.contains("@") == true)
    }

    @Test("Keys are looked at when there are some to compare with")
    func keys() {
        let emulator = Talking { $0.apiKeys = ["good"] }
        #expect(emulator.ask("POST", Asking.developer.path, says("a"), key: "good").status == 200)
        let bad = emulator.ask("POST", Asking.developer.path, says("a"), key: "bad")
        #expect(bad.status == 400)
        #expect(bad["error.details.0.reason"] == "API_KEY_INVALID")
    }

    @Test("Credential files hold what the emulator verifies")
    func files() throws {
        let credentials = try CredentialFiles()
        let files = credentials.files(base: "http://127.0.0.1:1", project: "p", folder: "/f")
        let own = try #require(files.first { $0.name == "service-account.json" })
        let account = try ServiceAccount(keyFile: Array(own.text.utf8))
        #expect(account.email == credentials.account.email)
        #expect(account.key.pemRepresentation == credentials.account.key.pemRepresentation)
        for file in files where file.name.hasSuffix(".json") { #expect(read(Array(file.text.utf8), "type") != nil) }
        #expect(throws: ServiceAccount.Failure.self) { try ServiceAccount(keyFile: Array("{}".utf8)) }
    }
}
