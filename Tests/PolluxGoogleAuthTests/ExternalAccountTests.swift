import FoundationEssentials
import NIOHTTP1
import PolluxGoogleAuth
import PolluxSecret
import Synchronization
import Testing

@Suite("Workload identity federation (CRED-006)")
struct ExternalAccountTests {
    static let audience =
        "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/w/providers/p"

    func file(_ fixture: Fixture, source: String, extra: String = "", audience: String = audience) -> String {
        #"""
        {"type":"external_account","audience":"\#(audience)",
         "subject_token_type":"urn:ietf:params:oauth:token-type:jwt","token_url":"\#(fixture.server.url)/v1/token",
         "credential_source":\#(source)\#(extra)}
        """#
    }

    @Test("The exchange sends the seven fields of RFC 8693, and no Authorization")
    func exchange() async throws {
        try await withFixture { fixture in
            let path = try fixture.write("subject & token\r\n", to: "subject")
            let provider = try await fixture.provider(file(fixture, source: #"{"file":"\#(path)"}"#))
            #expect(provider.identity == "external account \(Self.audience) (subject token: file \(path))")
            #expect(try await provider.fetchToken().value.text == "t1")
            let request = try #require(fixture.server.requests.first)
            #expect(
                request.form == [
                    "grant_type": "urn:ietf:params:oauth:grant-type:token-exchange",
                    "audience": Self.audience,
                    "scope": "https://www.googleapis.com/auth/cloud-platform",
                    "requested_token_type": "urn:ietf:params:oauth:token-type:access_token",
                    "subject_token_type": "urn:ietf:params:oauth:token-type:jwt",
                    "subject_token": "subject & token",
                ])
            #expect(request.headers["authorization"] == [])
            try fixture.write("second", to: "subject")
            _ = try await provider.fetchToken()
            #expect(fixture.server.requests.last?.form["subject_token"] == "second")
        }
    }

    @Test("The token may stand in a member of a JSON file")
    func jsonFile() async throws {
        try await withFixture { fixture in
            let path = try fixture.write(#"{"nested":1,"tök":"abc"}"#, to: "subject")
            let format = #""format":{"type":"json","subject_token_field_name":"tök"}"#
            _ = try await fixture.provider(file(fixture, source: #"{"file":"\#(path)",\#(format)}"#))
                .fetchToken()
            #expect(fixture.server.requests.last?.form["subject_token"] == "abc")
        }
    }

    @Test("A subject token that is missing is an error that may pass", arguments: [nil, "", " \n", "{}"])
    func missing(content: String?) async throws {
        try await withFixture { fixture in
            let path = fixture.folder + "/subject"
            if let content { try fixture.write(content, to: "subject") }
            let format = content == "{}" ? #","format":{"type":"json","subject_token_field_name":"t"}"# : ""
            let error = try await fixture.failure(file(fixture, source: #"{"file":"\#(path)"\#(format)}"#))
            #expect(error?.reason == .subjectToken)
            #expect(error?.isPermanent == false)
            #expect(fixture.server.requests.isEmpty)
        }
    }

    @Test("A URL is asked with the file's headers, and must answer 200")
    func url() async throws {
        let status = Mutex(200)
        try await withFixture(
            .answering { request in
                guard request.path == "/identity?a=b" else { return .token("t1") }
                return .json(#"{"id_token":"from-url"}"#, status: status.withLock { $0 })
            }
        ) { fixture in
            let source = #"""
                {"url":"\#(fixture.server.url)/identity?a=b","headers":{"Metadata":"True","X":"y"},
                 "format":{"type":"json","subject_token_field_name":"id_token"}}
                """#
            let provider = try await fixture.provider(file(fixture, source: source))
            _ = try await provider.fetchToken()
            #expect(fixture.server.requests[0].method == "GET")
            #expect(fixture.server.requests[0].headers["metadata"] == ["True"])
            #expect(fixture.server.requests[1].form["subject_token"] == "from-url")
            status.withLock { $0 = 404 }
            let error = await #expect(throws: CredentialError.self) { try await provider.fetchToken() }
            #expect(error?.message == "\(fixture.server.url) answered 404 instead of a subject token.")
        }
    }

    @Test("A workforce pool names its project in options; a client of its own goes as HTTP Basic instead")
    func workforce() async throws {
        let pool = "//iam.googleapis.com/locations/global/workforcePools/w/providers/p"
        let project = #","workforce_pool_user_project":"123""#
        try await withFixture { fixture in
            let source = #"{"file":"\#(try fixture.write("s", to: "subject"))"}"#
            _ = try await fixture.provider(file(fixture, source: source, extra: project, audience: pool))
                .fetchToken()
            #expect(fixture.server.requests[0].form["options"] == #"{"userProject":"123"}"#)
            let client = project + #","client_id":"id","client_secret":"secret""#
            _ = try await fixture.provider(file(fixture, source: source, extra: client, audience: pool))
                .fetchToken()
            #expect(fixture.server.requests[1].form["options"] == nil)
            #expect(fixture.server.requests[1].headers["authorization"] == ["Basic aWQ6c2VjcmV0"])
            let error = try await fixture.failure(file(fixture, source: source, extra: project))
            #expect(error?.message.contains("workforce_pool_user_project") == true)
        }
    }

    @Test("With an impersonation URL the exchanged token acts as the service account, for as long as asked")
    func impersonation() async throws {
        try await withFixture(
            .answering { request in
                guard request.path.hasSuffix(":generateAccessToken") else { return .token("federated") }
                return .json(#"{"accessToken":"acting","expireTime":"2099-01-01T00:00:00Z"}"#)
            }
        ) { fixture in
            let source = #"{"file":"\#(try fixture.write("s", to: "subject"))"}"#
            let extra = #"""
                ,"service_account_impersonation_url":"\#(fixture.server.url)/v1/z@p:generateAccessToken",
                "service_account_impersonation":{"token_lifetime_seconds":2800}
                """#
            let token = try await fixture.provider(file(fixture, source: source, extra: extra)).fetchToken()
            #expect(token.value.text == "acting")
            let request = try #require(fixture.server.requests.last)
            #expect(request.headers["authorization"] == ["Bearer federated"])
            #expect(request.body.contains(#""lifetime":"2800s""#))
            for seconds in [599, 43_201] {
                let text = extra.replacing("2800", with: "\(seconds)")
                let error = try await fixture.failure(file(fixture, source: source, extra: text))
                #expect(error?.reason == .invalid)
            }
        }
    }

    @Test(
        "What cannot be used is said when it is loaded",
        arguments: [
            (#"{}"#, "none of file, url"), (#"{"certificate":{}}"#, "X.509"),
            (#"{"environment_id":"aws2"}"#, "aws2"),
            (#"{"environment_id":"azure1","url":"x"}"#, "azure1"), ("null", "credential_source"),
            (#"{"environment_id":"aws1"}"#, "regional_cred_verification_url"),
            (#"{"file":"/x","format":{"type":"xml"}}"#, "xml"),
            (#"{"file":"/x","format":{"type":"json"}}"#, "field_name"),
            (#"{"executable":{"command":"/bin/true"}}"#, "GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES"),
            (#"{"url":"gopher://x"}"#, "credential_source.url"),
            (#"{"url":"http://x","headers":{"a":1}}"#, "headers"),
        ])
    func unusable(source: String, part: String) async throws {
        try await withFixture { fixture in
            let error = try #require(try await fixture.failure(file(fixture, source: source)))
            #expect(error.isPermanent)
            #expect(error.message.contains(part))
        }
    }
}
