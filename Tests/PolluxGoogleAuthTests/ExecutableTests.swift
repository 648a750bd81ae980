import PolluxGoogleAuth
import PolluxSecret
import Testing

@Suite("Subject tokens from a program (CRED-006)")
struct ExecutableTests {
    let audience = ExternalAccountTests.audience

    /// A credential file whose program is a shell script with this text.
    func file(_ fixture: Fixture, script: String, extra: String = "", more: String = "") throws -> String {
        // Read by a shell and not run itself: the system refuses to run a file that is open for writing,
        // as it may be for a moment in the child of another test.
        let path = try fixture.write("\(script)\n", to: "my program.sh")
        return #"""
            {"type":"external_account","audience":"\#(audience)",
             "subject_token_type":"urn:ietf:params:oauth:token-type:id_token",
             "token_url":"\#(fixture.server.url)/v1/token"\#(more),
             "credential_source":{"executable":{"command":"/bin/sh '\#(path)' one 'two words'"\#(extra)}}}
            """#
    }

    func withPrograms(
        _ script: TokenServer.Script = .answering { _ in .token("t1") },
        _ body: (inout Fixture) async throws -> Void
    ) async throws {
        try await withFixture(script) { fixture in
            fixture.environment.variables = [
                "GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES": "1", "PATH": "/usr/bin:/bin", "OWN": "kept",
            ]
            try await body(&fixture)
        }
    }

    @Test("It gets its arguments and the documented variables, and its token is exchanged")
    func run() async throws {
        try await withPrograms(
            .answering { request in
                guard request.path.hasSuffix(":generateAccessToken") else { return .token("t1") }
                return .json(#"{"accessToken":"acting","expireTime":"2099-01-01T00:00:00Z"}"#)
            }
        ) { fixture in
            let script = #"""
                printf '{"version":1,"success":true,"token_type":"urn:ietf:params:oauth:token-type:jwt",'
                printf '"id_token":"%s|%s|%s|' "$#" "$2" "$OWN"
                printf '%s|' "$GOOGLE_EXTERNAL_ACCOUNT_AUDIENCE" "$GOOGLE_EXTERNAL_ACCOUNT_TOKEN_TYPE"
                printf '%s|' "$GOOGLE_EXTERNAL_ACCOUNT_INTERACTIVE" "$GOOGLE_EXTERNAL_ACCOUNT_IMPERSONATED_EMAIL"
                printf '%s"}' "$(cat | wc -c)"
                """#
            let more =
                #","service_account_impersonation_url":"\#(fixture.server.url)/v1/z@p:generateAccessToken""#
            _ = try await fixture.provider(try file(fixture, script: script, more: more)).fetchToken()
            #expect(
                fixture.server.requests.first?.form["subject_token"]
                    == "2|two words|kept|\(audience)|urn:ietf:params:oauth:token-type:id_token|0|z@p|0")
        }
    }

    @Test("SAML answers count too, also with an end to come")
    func saml() async throws {
        try await withPrograms { fixture in
            let script = #"""
                echo '{"version":1,"success":true,"token_type":"urn:ietf:params:oauth:token-type:saml2",
                "saml_response":"<saml>","expiration_time":\#(fixture.clock.seconds + 60)}'
                """#
            _ = try await fixture.provider(try file(fixture, script: script)).fetchToken()
            #expect(fixture.server.requests.first?.form["subject_token"] == "<saml>")
        }
    }

    @Test(
        "What it prints instead of a token is an error with its own words",
        arguments: [
            (
                #"echo '{"version":1,"success":false,"code":"401","message":"log in first"}'; exit 3"#,
                "401: log in first"
            ),
            (#"echo '{"version":2,"success":true}'"#, "version"), (#"echo '{"version":1}'"#, "success"),
            (#"echo '{"version":1,"success":true,"token_type":"x"}'"#, "token_type"),
            ("echo nonsense", "not JSON"),
            ("exit 7", "status 7"), ("kill -9 $$", "status 137"),
            (
                #"echo '{"version":1,"success":true,"token_type":"urn:ietf:params:oauth:token-type:jwt","id_token":"x","#
                    + #""expiration_time":5}'"#, "expired"
            ),
            ("head -c 400000 /dev/zero", "more than"),
        ])
    func failures(script: String, part: String) async throws {
        try await withPrograms { fixture in
            let error = try #require(try await fixture.failure(try file(fixture, script: script)))
            #expect(error.reason == .subjectToken)
            #expect(error.message.contains(part))
            #expect(fixture.server.requests.isEmpty)
        }
    }

    @Test("A program that does not exist is named")
    func absent() async throws {
        try await withPrograms { fixture in
            let json = try file(fixture, script: "").replacing("/bin/sh ", with: "").replacing(
                "my program.sh", with: "none")
            let error = try await fixture.failure(json)
            #expect(error?.message == "\(fixture.folder)/none: it does not exist.")
        }
    }

    @Test("One that takes longer than timeout_millis is ended, with what it has started")
    func overdue() async throws {
        try await withPrograms { fixture in
            // The pipe's other end stays open in a child of the child, which must be ended too.
            let json = try file(fixture, script: "sleep 1000 & sleep 1000", extra: #","timeout_millis":5000"#)
            let provider = try await fixture.provider(json)
            async let outcome = Self.failure(of: provider)
            await fixture.clock.sleepers(1)
            fixture.clock.advance(by: .milliseconds(5000))
            #expect(await outcome?.message.contains("took too long") == true)
        }
    }

    @Test("A caller that is cancelled ends it too")
    func cancelled() async throws {
        try await withPrograms { fixture in
            let provider = try await fixture.provider(try file(fixture, script: "sleep 1000"))
            let task = Task { await Self.failure(of: provider) }
            await fixture.clock.sleepers(1)
            task.cancel()
            #expect(await task.value?.reason == .cancelled)
        }
    }

    @Test("timeout_millis is within 5 and 120 s", arguments: [4_999, 120_001])
    func badTimeout(milliseconds: Int) async throws {
        try await withPrograms { fixture in
            let json = try file(fixture, script: "", extra: #","timeout_millis":\#(milliseconds)"#)
            #expect(try await fixture.failure(json)?.reason == .invalid)
        }
    }

    @Test("An answer in output_file is used while it is good; then the program runs again")
    func outputFile() async throws {
        try await withPrograms { fixture in
            let path = "\(fixture.folder)/out.json"
            let answer = #"""
                {"version":1,"success":true,"token_type":"urn:ietf:params:oauth:token-type:id_token",
                "id_token":"NAME","expiration_time":\#(fixture.clock.seconds + 100)}
                """#
            let script =
                "echo '\(answer.replacing("NAME", with: "printed"))' | "
                + #"sed s/printed/"$(basename "$GOOGLE_EXTERNAL_ACCOUNT_OUTPUT_FILE")"/"#
            let provider = try await fixture.provider(
                try file(fixture, script: script, extra: #","output_file":"\#(path)""#))
            _ = try await provider.fetchToken()
            try fixture.write(answer.replacing("NAME", with: "kept"), to: "out.json")
            _ = try await provider.fetchToken()
            try fixture.write("broken", to: "out.json")
            _ = try await provider.fetchToken()
            #expect(
                fixture.server.requests.map { $0.form["subject_token"] } == ["out.json", "kept", "out.json"])
            fixture.clock.advance(by: .seconds(100))
            #expect(await Self.failure(of: provider)?.message.contains("expired") == true)
        }
    }

    static func failure(of provider: any TokenProvider) async -> CredentialError? {
        do {
            _ = try await provider.fetchToken()
            return nil
        } catch {
            return error
        }
    }
}
