import FoundationEssentials
import NIOHTTP1
import PolluxJSON
import PolluxSecret
import Testing

@testable import PolluxGoogleAuth

@Suite("AWS: Signature Version 4")
struct AmazonRequestTests {
    static let time = CivilTime(unixSeconds: 1_440_938_160)
    static let sessionToken =
        "AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfp"
        + "SPfIeoIYRqTflfKD8YUuwthAx7mSEI/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQ"
        + "DYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+s"
        + "cqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA=="

    @Test(
        "The published vectors of AWS's test suite",
        arguments: [
            (
                "get-vanilla", "GET", "/", nil,
                "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"
            ),
            (
                "post-vanilla", "POST", "/", nil,
                "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"
            ),
            (
                "get-vanilla-query-order-key-case", "GET", "/?Param2=value2&Param1=value1", nil,
                "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"
            ),
            (
                "post-sts-header-before", "POST", "/", sessionToken,
                "85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead"
            ),
        ])
    func vectors(name: String, method: String, path: String, session: String?, signature: String) throws {
        let url = try #require(URLComponents(string: "https://example.amazonaws.com\(path)"))
        var request = AmazonRequest(method: method, url: url, service: "service", region: "us-east-1")
        let credentials = AmazonCredentials(
            accessKeyID: "AKIDEXAMPLE", secretAccessKey: Secret("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"),
            sessionToken: session.map { Secret($0) })
        request.sign(with: credentials, at: Self.time)
        let names = session == nil ? "host;x-amz-date" : "host;x-amz-date;x-amz-security-token"
        #expect(
            request.headers.first?.value
                == "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
                + "SignedHeaders=\(names), Signature=\(signature)")
    }
}

@Suite("AWS as a source of subject tokens (CRED-006)")
struct AmazonSubjectTokenTests {
    let audience = ExternalAccountTests.audience

    func file(_ fixture: Fixture, session: Bool = true) -> String {
        let url = fixture.server.url
        let member = session ? #","imdsv2_session_token_url":"\#(url)/latest/api/token""# : ""
        return #"""
            {"type":"external_account","audience":"\#(audience)","token_url":"\#(url)/v1/token",
             "subject_token_type":"urn:ietf:params:aws:token-type:aws4_request",
             "credential_source":{"environment_id":"aws1","region_url":"\#(url)/latest/meta-data/placement/zone",
             "url":"\#(url)/latest/meta-data/iam/security-credentials",
             "regional_cred_verification_url":
             "https://sts.{region}.amazonaws.com?Action=GetCallerIdentity&Version=2011-06-15"\#(member)}}
            """#
    }

    @Sendable static func answer(_ request: TokenServer.Request) -> TokenServer.Answer {
        switch request.path {
        case "/latest/api/token": .json("session-1")
        case "/latest/meta-data/placement/zone": .json("us-east-2b")
        case "/latest/meta-data/iam/security-credentials": .json("my role")
        case "/latest/meta-data/iam/security-credentials/my%20role":
            .json(
                #"{"Code":"Success","AccessKeyId":"ASIA1","SecretAccessKey":"hush","Token":"session/token"}"#)
        default: .token("t1")
        }
    }

    /// The signed request that was sent as the subject token.
    func signed(_ fixture: Fixture) throws -> (url: String, headers: [String: String]) {
        let token = try #require(fixture.server.requests.last?.form["subject_token"])
        #expect(!token.contains("{"), "the JSON is percent-encoded once more than the form does")
        return try reading(percentDecoded(token)) { json in
            let method = json.string(try json.required("method"))
            #expect(method == "POST")
            var headers: [String: String] = [:]
            var elements = json.elements(try json.required("headers"))
            while let element = elements.next(in: json) {
                let key = json.string(try json.required("key", of: element))
                headers[key] = json.string(try json.required("value", of: element))
            }
            return (json.string(try json.required("url")), headers)
        }
    }

    @Test("Keys and region from the environment: no metadata server is asked")
    func environment() async throws {
        try await withFixture { fixture in
            fixture.environment.variables = [
                "AWS_ACCESS_KEY_ID": "AKID", "AWS_SECRET_ACCESS_KEY": "hush",
                "AWS_DEFAULT_REGION": "eu-west-1",
            ]
            _ = try await fixture.provider(file(fixture)).fetchToken()
            #expect(fixture.server.requests.map(\.path) == ["/v1/token"])
            let (url, headers) = try signed(fixture)
            #expect(url == "https://sts.eu-west-1.amazonaws.com?Action=GetCallerIdentity&Version=2011-06-15")
            #expect(headers["host"] == "sts.eu-west-1.amazonaws.com")
            #expect(headers["x-amz-date"] == CivilTime(unixSeconds: fixture.clock.seconds).amazonText)
            #expect(headers["x-goog-cloud-target-resource"] == audience)
            #expect(headers["x-amz-security-token"] == nil)
            #expect(headers.count == 4)
            let authorization = try #require(headers["Authorization"])
            #expect(authorization.contains("Credential=AKID/20270115/eu-west-1/sts/aws4_request"))
            #expect(authorization.contains("SignedHeaders=host;x-amz-date;x-goog-cloud-target-resource,"))
            #expect(!fixture.server.requests[0].body.contains("hush"))
            fixture.environment.variables["AWS_REGION"] = "ap-south-1"
            _ = try await fixture.provider(file(fixture)).fetchToken()
            #expect(try signed(fixture).headers["host"] == "sts.ap-south-1.amazonaws.com")
        }
    }

    @Test("Else from the machine's metadata, in a session when the file names one")
    func metadata() async throws {
        try await withFixture(.answering { Self.answer($0) }) { fixture in
            _ = try await fixture.provider(file(fixture)).fetchToken()
            let requests = fixture.server.requests
            let methods = requests.map { $0.method }
            #expect(methods == ["PUT", "GET", "GET", "GET", "POST"])
            #expect(requests[0].headers["x-aws-ec2-metadata-token-ttl-seconds"] == ["300"])
            let sessions = requests.compactMap { $0.headers.first(name: "x-aws-ec2-metadata-token") }
            #expect(sessions == ["session-1", "session-1", "session-1"])
            let (_, headers) = try signed(fixture)
            #expect(headers["host"] == "sts.us-east-2.amazonaws.com")
            #expect(headers["x-amz-security-token"] == "session/token")
            #expect(headers["Authorization"]?.contains("Credential=ASIA1/") == true)
            _ = try await fixture.provider(file(fixture, session: false)).fetchToken()
            let later = Array(fixture.server.requests.dropFirst(5))
            let laterMethods = later.map { $0.method }
            #expect(laterMethods == ["GET", "GET", "GET", "POST"])
            #expect(later[0].headers["x-aws-ec2-metadata-token"] == [])
        }
    }

    @Test(
        "A region that is no name never becomes part of a host", arguments: ["a.b", "x/", "x@y", "ü", "../a"])
    func hostileRegion(region: String) async throws {
        try await withFixture { fixture in
            fixture.environment.variables = [
                "AWS_ACCESS_KEY_ID": "AKID", "AWS_SECRET_ACCESS_KEY": "hush", "AWS_REGION": region,
            ]
            let failure = try await fixture.failure(file(fixture))
            #expect(failure?.reason == .subjectToken)
            #expect(fixture.server.requests.isEmpty)
        }
    }

    @Test("Metadata that fails is an error that may pass")
    func failing() async throws {
        try await withFixture(.answering { _ in .json("", status: 500) }) { fixture in
            let error = try await fixture.failure(file(fixture))
            #expect(error?.message == "AWS: \(fixture.server.url) answered 500.")
            #expect(error?.isPermanent == false)
        }
    }
}
