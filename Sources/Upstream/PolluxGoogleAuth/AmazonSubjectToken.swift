import FoundationEssentials
import NIOHTTP1
import PolluxJSON
import PolluxSecret

/// `environment_id` `aws1`: proves an AWS identity by a signed request that Google's side then sends to AWS.
///
/// The subject token is the request as JSON, percent-encoded:
///
///     {"headers": [{"key": "Authorization", "value": "AWS4-HMAC-SHA256 …"}, {"key": "host", …}, …],
///      "method": "POST",
///      "url": "https://sts.eu-west-1.amazonaws.com?Action=GetCallerIdentity&Version=2011-06-15"}
///
///     region        AWS_REGION, AWS_DEFAULT_REGION, else region_url (an availability zone: less its letter)
///     credentials   AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (AWS_SESSION_TOKEN), else url: the name of
///                   the machine's role, and below it the role's keys
///     session       imdsv2_session_token_url: a PUT whose answer all other metadata requests carry
///
/// - Source: Security Token Service API, `subjectToken`; AIP-4117; AWS, "Instance metadata service v2".
struct AmazonSubjectToken: SubjectTokenSource {
    private let regionURL: String?
    private let credentialsURL: String?
    private let sessionURL: String?
    private let verificationURL: String
    private let audience: String
    private let context: CredentialContext

    /// Seconds that a metadata session is asked for; it serves one refresh.
    static let sessionSeconds = 300

    let name = "AWS"

    init(
        reading json: borrowing JSONDocument, at source: JSONNode, audience: String,
        context: CredentialContext
    ) throws(CredentialError) {
        self.audience = audience
        self.context = context
        verificationURL = try json.requiredText("regional_cred_verification_url", of: source)
        var urls: [String?] = []
        for name: StaticString in ["region_url", "url", "imdsv2_session_token_url"] {
            guard let url = json.textMember(name, of: source) else {
                urls.append(nil)
                continue
            }
            urls.append(try context.checkedURL(url, of: "credential_source.\(name)"))
        }
        (regionURL, credentialsURL, sessionURL) = (urls[0], urls[1], urls[2])
    }

    func subjectToken() async throws(CredentialError) -> Secret {
        do {
            let session = try await metadataSession()
            let region = try await region(session: session)
            let credentials = try await credentials(session: session)
            return try token(region: region, credentials: credentials)
        } catch {
            throw error.reason == .cancelled ? error : CredentialError(.subjectToken, "AWS: \(error.message)")
        }
    }

    // MARK: What AWS knows of us

    private var environmentRegion: String? {
        context.environment.first(of: "AWS_REGION", "AWS_DEFAULT_REGION")
    }

    private var environmentCredentials: AmazonCredentials? {
        let environment = context.environment
        guard let id = environment["AWS_ACCESS_KEY_ID"], let secret = environment["AWS_SECRET_ACCESS_KEY"]
        else {
            return nil
        }
        return AmazonCredentials(
            accessKeyID: id, secretAccessKey: Secret(secret),
            sessionToken: environment["AWS_SESSION_TOKEN"].map { Secret($0) })
    }

    /// The headers for metadata requests; none when nothing must be asked or sessions are not in use.
    private func metadataSession() async throws(CredentialError) -> HTTPHeaders {
        guard let sessionURL, environmentRegion == nil || environmentCredentials == nil else { return [:] }
        let wanted: HTTPHeaders = ["x-aws-ec2-metadata-token-ttl-seconds": "\(Self.sessionSeconds)"]
        let answer = try await context.http.send(.PUT, sessionURL, headers: wanted, directly: true)
        guard answer.status == 200 else { throw unexpected(answer) }
        return ["x-aws-ec2-metadata-token": answer.text.trimmingASCIISpace()]
    }

    private func region(session: HTTPHeaders) async throws(CredentialError) -> String {
        var region = ""
        if let environmentRegion {
            region = environmentRegion
        } else {
            guard let regionURL else { throw .invalid("no region: set AWS_REGION or `region_url`.") }
            region = String(
                try await metadata(regionURL, session: session).text.trimmingASCIISpace().dropLast())
        }
        let isName = region.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                UInt8(ascii: "-"):
                true
            default: false
            }
        }
        // The region becomes part of a host name.
        guard !region.isEmpty, region.utf8.count <= 64, isName else {
            throw .invalid("the region is not a name.")
        }
        return region
    }

    private func credentials(session: HTTPHeaders) async throws(CredentialError) -> AmazonCredentials {
        if let environmentCredentials { return environmentCredentials }
        guard let credentialsURL else {
            throw .invalid("no credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or `url`.")
        }
        let role = try await metadata(credentialsURL, session: session).text.trimmingASCIISpace()
        guard !role.isEmpty, !role.contains(where: \.isNewline) else {
            throw .invalid("the machine has no role.")
        }
        let answer = try await metadata("\(credentialsURL)/\(percentEncoded(role))", session: session)
        return try readCredentialJSON(answer.body, of: "the answer of \(answer.host)") {
            (json: borrowing JSONDocument) throws(CredentialError) in
            AmazonCredentials(
                accessKeyID: try json.requiredText("AccessKeyId", of: .root),
                secretAccessKey: try json.requiredSecret("SecretAccessKey", of: .root),
                sessionToken: json.secretMember("Token", of: .root))
        }
    }

    private func metadata(_ url: String, session: HTTPHeaders) async throws(CredentialError) -> HTTPAnswer {
        let answer = try await context.http.send(.GET, url, headers: session, directly: true)
        guard answer.status == 200 else { throw unexpected(answer) }
        return answer
    }

    private func unexpected(_ answer: HTTPAnswer) -> CredentialError {
        CredentialError(.subjectToken, "\(answer.host) answered \(answer.status).")
    }

    // MARK: The signed request

    private func token(region: String, credentials: AmazonCredentials) throws(CredentialError) -> Secret {
        let url = try context.checkedURL(
            verificationURL.replacing("{region}", with: region), of: "regional_cred_verification_url")
        guard let parts = URLComponents(string: url), let host = parts.host,
            let service = host.split(separator: ".").first
        else { throw .invalid("`regional_cred_verification_url` has no host.") }
        // The audience is signed too, so that nobody can present the request to another pool.
        var request = AmazonRequest(method: "POST", url: parts, service: String(service), region: region)
        request.headers.append(("x-goog-cloud-target-resource", audience))
        request.sign(with: credentials, at: CivilTime(unixSeconds: context.time.nowMilliseconds() / 1000))

        var json = JSONWriter()
        json.beginObject()
        json.key("headers")
        json.beginArray()
        for header in request.headers {
            json.beginObject()
            json.key("key")
            json.string(text: header.name)
            json.key("value")
            json.string(text: header.value)
            json.endObject()
        }
        json.endArray()
        json.key("method")
        json.string(text: request.method)
        json.key("url")
        json.string(text: url)
        json.endObject()
        return Secret(percentEncoded(String(copying: json.output.span)))
    }
}
