import Crypto
import CryptoExtras
import FoundationEssentials
import PolluxGoogleAuth
import PolluxJSON
import PolluxSecret
import Testing

@Suite("Where credentials are found (CRED-001, CRED-007)")
struct LoaderTests {
    @Test("GOOGLE_APPLICATION_CREDENTIALS comes first; a fault in its file ends the search")
    func variable() async throws {
        try await withFixture { fixture in
            fixture.environment.variables["HOME"] = fixture.folder
            try wellKnown(fixture)
            let path = try fixture.write(fixture.serviceAccount())
            fixture.environment.variables["GOOGLE_APPLICATION_CREDENTIALS"] = path
            let credential = try await fixture.load(.applicationDefault)
            #expect(
                "\(credential.description)"
                    == "service account x@y.iam.gserviceaccount.com (from \(path), GOOGLE_APPLICATION_CREDENTIALS)"
            )
            for text in ["", "{", "[]", "{}", #"{"type":7}"#, #"{"type":"service_account"}"#] {
                try fixture.write(text)
                let error = await fixture.loadFailure(.applicationDefault)
                #expect(error?.isPermanent == true)
                #expect(error?.message.hasPrefix("GOOGLE_APPLICATION_CREDENTIALS: \(path): ") == true)
            }
            fixture.environment.variables["GOOGLE_APPLICATION_CREDENTIALS"] = "\(fixture.folder)/none"
            let error = await fixture.loadFailure(.applicationDefault)
            #expect(
                error?.message == "GOOGLE_APPLICATION_CREDENTIALS: \(fixture.folder)/none does not exist.")
        }
    }

    @discardableResult
    private func wellKnown(_ fixture: Fixture, folder: String = ".config/gcloud") throws -> String {
        try FileManager.default.createDirectory(
            atPath: "\(fixture.folder)/\(folder)", withIntermediateDirectories: true)
        return try fixture.write(
            #"{"type":"authorized_user","client_id":"i","client_secret":"s","refresh_token":"r","account":"me@x"}"#,
            to: "\(folder)/application_default_credentials.json")
    }

    @Test("Then gcloud's file, in CLOUDSDK_CONFIG or below HOME")
    func wellKnownFile() async throws {
        try await withFixture { fixture in
            fixture.environment.variables["HOME"] = fixture.folder
            let path = try wellKnown(fixture)
            let credential = try await fixture.load(.applicationDefault)
            #expect("\(credential.description)" == "authorized user me@x (from \(path), gcloud's default)")
            fixture.environment.variables["CLOUDSDK_CONFIG"] = "\(fixture.folder)/sdk"
            let error = await fixture.loadFailure(.applicationDefault)
            #expect(error?.reason == .notFound)
            let second = try wellKnown(fixture, folder: "sdk")
            #expect(try await fixture.load(.applicationDefault).description.place == second)
        }
    }

    @Test("NO_GCE_CHECK leaves the metadata server alone")
    func noCheck() async throws {
        try await withFixture { fixture in
            fixture.environment.variables["GCE_METADATA_HOST"] = fixture.server.host
            #expect(await fixture.loadFailure(.applicationDefault) != nil)
            #expect(fixture.server.requests.isEmpty)
        }
    }

    @Test("A type that is not supported is named", arguments: ["gdch_service_account", "x"])
    func unsupported(type: String) async throws {
        try await withFixture { fixture in
            let error = try await fixture.failure(#"{"type":"\#(type)"}"#)
            #expect(error?.reason == .unsupported)
            #expect(error?.message.contains("\"\(type)\"") == true)
        }
    }

    @Test("A file that is too long, a folder and a pipe are refused")
    func oddFiles() async throws {
        try await withFixture { fixture in
            let failure = try await fixture.failure(String(repeating: " ", count: 256 * 1024 + 1))
            #expect(failure?.reason == .invalid)
            for path in [fixture.folder, "/dev/zero", "/dev/null"] {
                let error = await fixture.loadFailure(.file(path: path))
                #expect(error?.message == "\(path) is not a file.")
            }
        }
    }

    @Test("Projects: the environment's, else the file's; a quota project is none")
    func projects() async throws {
        try await withFixture { fixture in
            let path = try fixture.write(
                fixture.serviceAccount(extra: #","quota_project_id":"q","universe_domain":"u.x""#))
            let credential = try await fixture.load(.file(path: path))
            #expect(credential.projectID == "p1")
            #expect(credential.universeDomain == "u.x")
            fixture.environment.variables["GCLOUD_PROJECT"] = "second"
            #expect(try await fixture.load(.file(path: path)).projectID == "second")
            fixture.environment.variables["GOOGLE_CLOUD_PROJECT"] = "first"
            #expect(try await fixture.load(.file(path: path)).projectID == "first")
        }
    }

    @Test("Locations and API keys from the environment; an empty variable is none")
    func variables() {
        #expect(CredentialEnvironment(variables: [:]).location == "global")
        #expect(CredentialEnvironment(variables: ["GOOGLE_CLOUD_REGION": "r"]).location == "r")
        let both = CredentialEnvironment(
            variables: [
                "GOOGLE_CLOUD_REGION": "r", "GOOGLE_CLOUD_LOCATION": "l", "GOOGLE_API_KEY": "",
                "GEMINI_API_KEY": "k",
            ])
        #expect(both.location == "l")
        #expect(both.apiKey?.text == "k")
        #expect(CredentialEnvironment(variables: [:]).apiKey == nil)
    }

    @Test("An API key is handed on as it is, and cannot impersonate")
    func apiKey() async throws {
        try await withFixture { fixture in
            let credential = try await fixture.load(.apiKey(Secret("AIzaX")))
            guard case .apiKey(let key) = credential.kind else { throw NoProvider() }
            #expect(key.text == "AIzaX")
            #expect(!"\(credential)".contains("AIzaX"))
            #expect(await fixture.loadFailure(.apiKey(Secret("AIzaX")), impersonating: "a@b") != nil)
        }
    }

    @Test(
        "URLs with another scheme, a password or no host are refused",
        arguments: [
            "ftp://x/", "https://u:p@x/", "/token", "https://", "file:///etc/passwd", "",
        ])
    func badURL(url: String) async throws {
        try await withFixture { fixture in
            let json = #"""
                {"type":"external_account_authorized_user","client_id":"i","client_secret":"s","refresh_token":"r",
                 "token_url":"\#(url)"}
                """#
            let provider = try? await fixture.provider(json)
            // An empty URL is an absent one.
            #expect((provider == nil) == !url.isEmpty)
        }
    }

    @Test("Sources of sources come to an end")
    func nested() async throws {
        try await withFixture { fixture in
            var json = fixture.serviceAccount()
            for _ in 0..<4 {
                json = #"""
                    {"type":"impersonated_service_account","source_credentials":\#(json),
                     "service_account_impersonation_url":"https://x/a@b:generateAccessToken"}
                    """#
            }
            let failure = try await fixture.failure(json)
            #expect(failure?.message.contains("nested too deep") == true)
        }
    }

    @Test("A key file that is replaced while we run is used from the next refresh on")
    func replaced() async throws {
        try await withFixture { fixture in
            let path = try fixture.write(fixture.serviceAccount(email: "old@x"))
            let provider = try fixture.provider(of: try await fixture.load(.file(path: path)))
            let cache = TokenCache(provider: provider, time: fixture.clock.time, logger: silentLogger)
            _ = try await cache.token()
            try replace(path, in: fixture, with: fixture.serviceAccount(email: "new@x"))
            #expect(provider.hasChanged())
            fixture.clock.advance(by: .seconds(3600))
            _ = try await cache.token()
            #expect(!provider.hasChanged())
            #expect(provider.identity == "service account new@x")
            #expect(try issuers(fixture) == ["old@x", "new@x"])
        }
    }

    @Test("A new file that cannot be used leaves the old key in use until a good one comes")
    func replacedBadly() async throws {
        try await withFixture { fixture in
            let path = try fixture.write(fixture.serviceAccount(email: "old@x"))
            let provider = try fixture.provider(of: try await fixture.load(.file(path: path)))
            for text in ["{", fixture.serviceAccount(email: "new@x")] {
                try replace(path, in: fixture, with: text)
                _ = try await provider.fetchToken()
            }
            try FileManager.default.removeItem(atPath: path)
            _ = try await provider.fetchToken()
            #expect(try issuers(fixture) == ["old@x", "new@x", "new@x"])
        }
    }

    @Test("A refused key that is replaced works at once, not after 60 s")
    func replacedAfterRefusal() async throws {
        try await withFixture(.answering { _ in .json(#"{"error":"invalid_grant"}"#, status: 400) }) {
            fixture in
            let path = try fixture.write(fixture.serviceAccount(email: "old@x"))
            let provider = try fixture.provider(of: try await fixture.load(.file(path: path)))
            let cache = TokenCache(provider: provider, time: fixture.clock.time, logger: silentLogger)
            #expect(await cache.text() == "refused")
            #expect(await cache.text() == "refused")
            #expect(fixture.server.requests.count == 1)
            try replace(path, in: fixture, with: fixture.serviceAccount(email: "new@x"))
            fixture.server.answer { _ in .token("t9") }
            fixture.clock.advance(by: .seconds(1))
            #expect(await cache.text() == "t9")
        }
    }

    /// As tools that rotate keys do: a new file, moved over the old one.
    private func replace(_ path: String, in fixture: Fixture, with text: String) throws {
        let new = try fixture.write(text, to: "new.json")
        _ = try FileManager.default.replaceItem(at: path, with: new)
    }

    private func issuers(_ fixture: Fixture) throws -> [String] {
        try fixture.server.requests.map { request in
            let claims = try #require(request.form["assertion"]).split(separator: ".")[1]
            let text = String(decoding: try #require(base64URLDecoded(claims)), as: UTF8.self)
            return try reading(text) { json in json.string(try json.required("iss")) }
        }
    }
}

extension FileManager {
    fileprivate func replaceItem(at path: String, with new: String) throws {
        if fileExists(atPath: path) { try removeItem(atPath: path) }
        try moveItem(atPath: new, toPath: path)
    }
}
