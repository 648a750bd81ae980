import NIOHTTP1
import PolluxGoogleAuth
import PolluxSecret
import Synchronization
import Testing

@Suite("Refresh tokens of persons (CRED-003, CRED-006)")
struct RefreshTokenTests {
    @Test("authorized_user sends client and refresh token in the form; its quota project goes upstream")
    func authorizedUser() async throws {
        try await withFixture { fixture in
            let provider = try await fixture.provider(
                #"""
                {"type":"authorized_user","client_id":"id","client_secret":"s&1","refresh_token":"r+1",
                 "quota_project_id":"payer","token_uri":"\#(fixture.server.url)/token"}
                """#)
            let token = try await provider.fetchToken()
            #expect(token.quotaProject == "payer")
            let request = try #require(fixture.server.requests.first)
            #expect(
                request.form == [
                    "grant_type": "refresh_token", "client_id": "id", "client_secret": "s&1",
                    "refresh_token": "r+1",
                ])
            #expect(request.headers["authorization"] == [])
        }
    }

    @Test("GOOGLE_CLOUD_QUOTA_PROJECT wins over the file")
    func quotaProject() async throws {
        try await withFixture { fixture in
            fixture.environment.variables["GOOGLE_CLOUD_QUOTA_PROJECT"] = "other"
            let provider = try await fixture.provider(
                #"""
                {"type":"authorized_user","client_id":"id","client_secret":"s","refresh_token":"r",
                 "quota_project_id":"payer","token_uri":"\#(fixture.server.url)/token"}
                """#)
            #expect(try await provider.fetchToken().quotaProject == "other")
        }
    }

    @Test("external_account_authorized_user sends its client as HTTP Basic, and keeps a new refresh token")
    func externalAuthorizedUser() async throws {
        try await withFixture(
            .answering { _ in
                .json(#"{"access_token":"t1","expires_in":3600,"refresh_token":"r2"}"#)
            }
        ) { fixture in
            let provider = try await fixture.provider(
                #"""
                {"type":"external_account_authorized_user","client_id":"id","client_secret":"secret",
                 "audience":"//iam.googleapis.com/locations/global/workforcePools/w/providers/p",
                 "refresh_token":"r1","token_url":"\#(fixture.server.url)/v1/oauthtoken"}
                """#)
            _ = try await provider.fetchToken()
            _ = try await provider.fetchToken()
            let requests = fixture.server.requests
            #expect(requests.map { $0.form["refresh_token"] } == ["r1", "r2"])
            #expect(requests[0].form == ["grant_type": "refresh_token", "refresh_token": "r1"])
            #expect(requests[0].headers["authorization"] == ["Basic aWQ6c2VjcmV0"])
        }
    }

    @Test("invalid_grant is permanent, and what the endpoint quotes of our secrets is not shown")
    func revoked() async throws {
        try await withFixture(
            .answering { request in
                .json(
                    #"{"error":"invalid_grant","error_description":"no \#(request.form["refresh_token"] ?? "")"}"#,
                    status: 400)
            }
        ) { fixture in
            let error = try await fixture.failure(
                #"""
                {"type":"authorized_user","client_id":"id","client_secret":"s","refresh_token":"quite-private",
                 "token_uri":"\#(fixture.server.url)/token"}
                """#)
            #expect(error?.isPermanent == true)
            #expect(error?.message == "\(fixture.server.url) answered 400: invalid_grant: no <secret>")
        }
    }
}

@Suite("Impersonation (CRED-004)")
struct ImpersonationTests {
    /// Answers the source's token first, then the impersonated one.
    @Sendable static func answer(_ request: TokenServer.Request) -> TokenServer.Answer {
        guard request.path.hasSuffix(":generateAccessToken") else { return .token("source-token") }
        return .json(
            #"{"accessToken":"acting","expireTime":"2026-11-21T09:00:00Z"}"#,
            headers: ["date": "Sat, 21 Nov 2026 08:00:00 GMT"])
    }

    @Test("A file of type impersonated_service_account; the life is counted by the server's clock")
    func file() async throws {
        try await withFixture(.answering { Self.answer($0) }) { fixture in
            let url = "\(fixture.server.url)/v1/projects/-/serviceAccounts/z@p.iam:generateAccessToken"
            let credential = try await fixture.load(
                .file(
                    path: try fixture.write(
                        #"""
                        {"type":"impersonated_service_account","delegates":["a@p.iam","projects/-/serviceAccounts/b"],
                         "service_account_impersonation_url":"\#(url)","quota_project_id":"payer",
                         "source_credentials":{"type":"authorized_user","client_id":"id","client_secret":"s",
                         "refresh_token":"r","quota_project_id":"source-payer",
                         "token_uri":"\#(fixture.server.url)/token"}}
                        """#)))
            #expect(credential.description.identity == "service account z@p.iam by authorized user")
            let token = try await fixture.provider(of: credential).fetchToken()
            #expect(token.value.text == "acting")
            #expect(token.expiry == fixture.clock.seconds + 3600)
            #expect(token.quotaProject == "payer")
            let request = try #require(fixture.server.requests.last)
            #expect(request.path == "/v1/projects/-/serviceAccounts/z@p.iam:generateAccessToken")
            #expect(request.headers["authorization"] == ["Bearer source-token"])
            #expect(request.headers["x-goog-user-project"] == ["source-payer"])
            #expect(
                request.body
                    == #"{"delegates":["projects/-/serviceAccounts/a@p.iam","projects/-/serviceAccounts/b"],"#
                    + #""scope":["https://www.googleapis.com/auth/cloud-platform"],"lifetime":"3600s"}"#)
        }
    }

    @Test("credentials.impersonate acts as another account with whatever was found")
    func configured() async throws {
        try await withFixture(.answering { Self.answer($0) }) { fixture in
            let path = try fixture.write(fixture.serviceAccount())
            let credential = try await fixture.load(
                .file(path: path), impersonating: "z@p.iam.gserviceaccount.com")
            #expect(
                "\(credential.description)"
                    == "service account x@y.iam.gserviceaccount.com (from \(path)), "
                    + "impersonating z@p.iam.gserviceaccount.com")
            #expect(credential.projectID == "p1")
            #expect(try await fixture.provider(of: credential).fetchToken().value.text == "acting")
            #expect(
                fixture.server.requests.last?.path
                    == "/v1/projects/-/serviceAccounts/z@p.iam.gserviceaccount.com:generateAccessToken")
        }
    }

    @Test(
        "An account that is no email is refused",
        arguments: ["", "a", "a@b/c", "a@b:x", "a b@c", "@b", "a@b@c"])
    func noEmail(account: String) async throws {
        try await withFixture { fixture in
            let path = try fixture.write(fixture.serviceAccount())
            let error = await fixture.loadFailure(.file(path: path), impersonating: account)
            #expect(error?.isPermanent == true)
        }
    }

    @Test("A missing permission is permanent and named")
    func forbidden() async throws {
        try await withFixture(
            .answering { request in
                guard request.path != "/token" else { return .token("source") }
                return .json(
                    #"{"error":{"code":403,"message":"Permission 'iam.serviceAccounts.getAccessToken' denied","#
                        + #""status":"PERMISSION_DENIED"}}"#, status: 403)
            }
        ) { fixture in
            let path = try fixture.write(fixture.serviceAccount())
            let credential = try await fixture.load(.file(path: path), impersonating: "z@p")
            let provider = try fixture.provider(of: credential)
            let error = await #expect(throws: CredentialError.self) { try await provider.fetchToken() }
            #expect(error?.isPermanent == true)
            #expect(
                error?.message == "Impersonating z@p: \(fixture.server.url) answered 403: PERMISSION_DENIED: "
                    + "Permission 'iam.serviceAccounts.getAccessToken' denied")
        }
    }

    @Test(
        "An end that is no time or is past is no token",
        arguments: [
            #"{"accessToken":"t"}"#, #"{"accessToken":"t","expireTime":"soon"}"#,
            #"{"accessToken":"t","expireTime":"2020-01-01T00:00:00Z"}"#,
            #"{"expireTime":"2099-01-01T00:00:00Z"}"#,
        ])
    func badAnswer(body: String) async throws {
        try await withFixture(.answering { $0.path == "/token" ? .token("source") : .json(body) }) {
            fixture in
            let credential = try await fixture.load(
                .file(path: try fixture.write(fixture.serviceAccount())), impersonating: "z@p")
            let provider = try fixture.provider(of: credential)
            let error = await #expect(throws: CredentialError.self) { try await provider.fetchToken() }
            #expect(error?.reason == .invalidAnswer)
        }
    }
}
