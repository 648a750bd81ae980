import NIOHTTP1
import PolluxGoogleAuth
import PolluxSecret
import Synchronization
import Testing

@Suite("The metadata server (CRED-005)")
struct MetadataTests {
    static let genuine: HTTPHeaders = ["metadata-flavor": "Google"]

    @Sendable static func answer(_ request: TokenServer.Request) -> TokenServer.Answer {
        guard request.headers.first(name: "metadata-flavor") == "Google" else {
            return .json("", status: 403)
        }
        switch request.path {
        case "/": return .json("computeMetadata/", headers: genuine)
        case "/computeMetadata/v1/project/project-id": return .json("machine-project\n", headers: genuine)
        default:
            return .json(#"{"access_token":"m1","expires_in":1200,"token_type":"Bearer"}"#, headers: genuine)
        }
    }

    @Test("It is found, gives a token for our scope, and names the project")
    func found() async throws {
        try await withFixture(.answering { Self.answer($0) }) { fixture in
            fixture.environment.variables = [
                "GCE_METADATA_HOST": fixture.server.host, "HOME": fixture.folder,
            ]
            let credential = try await fixture.load(.applicationDefault)
            #expect(credential.projectID == "machine-project")
            #expect(
                "\(credential.description)"
                    == "default service account of this machine (from metadata server \(fixture.server.host))"
            )
            let token = try await fixture.provider(of: credential).fetchToken()
            #expect(token.value.text == "m1")
            #expect(token.expiry == fixture.clock.seconds + 1200)
            let path = try #require(fixture.server.requests.last?.path)
            #expect(
                path == "/computeMetadata/v1/instance/service-accounts/default/token?scopes="
                    + "https%3A%2F%2Fwww.googleapis.com%2Fauth%2Fcloud-platform")
            #expect(fixture.server.requests.map(\.path).first == "/")
        }
    }

    @Test("Its address for finding it may differ from its name; the environment's project wins")
    func address() async throws {
        try await withFixture(.answering { Self.answer($0) }) { fixture in
            fixture.environment.variables = [
                "GCE_METADATA_IP": fixture.server.host, "GCE_METADATA_ROOT": fixture.server.host,
                "GCLOUD_PROJECT": "mine",
            ]
            let credential = try await fixture.load(.applicationDefault)
            #expect(credential.projectID == "mine")
            #expect(Set(fixture.server.requests.map(\.path)) == ["/"], "It is not asked for its project.")
        }
    }

    @Test("Whoever answers without its header is not it")
    func impostor() async throws {
        try await withFixture(.answering { _ in .token("impostor") }) { fixture in
            fixture.environment.variables = [
                "GCE_METADATA_HOST": fixture.server.host, "HOME": fixture.folder,
            ]
            let error = await fixture.loadFailure(.applicationDefault)
            #expect(error?.reason == .notFound)
            let provider = try fixture.provider(of: try await fixture.load(.metadata))
            let second = await #expect(throws: CredentialError.self) { try await provider.fetchToken() }
            #expect(second?.reason == .invalidAnswer)
        }
    }

    @Test("A failing one is asked as often as GCE_METADATA_DETECT_RETRIES says")
    func attempts() async throws {
        try await withFixture(.answering { _ in TokenServer.Answer(body: "half", end: .closedHalfway) }) {
            fixture in
            fixture.environment.variables = [
                "GCE_METADATA_HOST": fixture.server.host, "GCE_METADATA_DETECT_RETRIES": "2",
            ]
            let error = await fixture.loadFailure(.applicationDefault)
            #expect(
                error?.message == "Could not find default credentials. Set GOOGLE_APPLICATION_CREDENTIALS or "
                    + "configure backend.credentials.")
            #expect(fixture.server.requests.count == 2)
        }
    }

    @Test("A silent one is waited for no longer than GCE_METADATA_TIMEOUT says")
    func silence() async throws {
        let gate = Gate()
        try await withFixture(
            .answering { _ in
                await gate.pass()
                return .json("")
            }
        ) { fixture in
            fixture.environment.variables = [
                "GCE_METADATA_HOST": fixture.server.host, "GCE_METADATA_TIMEOUT": "0.02",
            ]
            #expect(await fixture.loadFailure(.applicationDefault)?.reason == .notFound)
            gate.open()
        }
    }

    @Test("The same token again is no failure: it is kept, and asked for again nearer its end")
    func identicalToken() async throws {
        let life = Mutex(3600)
        try await withFixture(
            .answering { request in
                guard request.path != "/" else { return Self.answer(request) }
                return .json(
                    #"{"access_token":"m1","expires_in":\#(life.withLock { $0 })}"#, headers: Self.genuine)
            }
        ) { fixture in
            fixture.environment.variables = ["GCE_METADATA_HOST": fixture.server.host, "GCLOUD_PROJECT": "p"]
            let provider = try fixture.provider(of: try await fixture.load(.metadata))
            let cache = TokenCache(provider: provider, time: fixture.clock.time, logger: silentLogger)
            #expect(await cache.text() == "m1")
            fixture.clock.advance(by: .seconds(3_010))
            life.withLock { $0 = 590 }
            #expect(cache.usableToken() != nil)
            await cache.settled()
            #expect(cache.status.freshness == .fresh)
            #expect(cache.status.failures == 0)
            #expect(fixture.server.requests.count == 2)
            fixture.clock.advance(by: .seconds(295))
            #expect(cache.status.freshness == .ageing)
        }
    }
}
