import Crypto
import FoundationEssentials
import PolluxSecret

/// Keys of an AWS user or role.
struct AmazonCredentials: Sendable {
    let accessKeyID: String
    let secretAccessKey: Secret
    /// Comes with temporary keys and goes with them.
    let sessionToken: Secret?
}

/// A request without a body, to be signed by AWS's Signature Version 4.
///
///     canonical request   method, path, query, headers, names of headers, hash of the body
///     string to sign      AWS4-HMAC-SHA256, time, date/region/service/aws4_request, hash of the above
///     key                 HMAC chain over date, region, service, "aws4_request", begun with "AWS4" + secret
///
/// - Source: AWS, "Create a signed AWS API request".
struct AmazonRequest {
    let method: String
    let url: URLComponents
    let service: String
    let region: String
    /// Names in lower case. ``sign(with:at:)`` adds `host`, `x-amz-date`, the session token and
    /// `Authorization`.
    var headers: [(name: String, value: String)] = []

    init(method: String, url: URLComponents, service: String, region: String) {
        self.method = method
        self.url = url
        self.service = service
        self.region = region
    }

    private static let algorithm = "AWS4-HMAC-SHA256"

    mutating func sign(with credentials: AmazonCredentials, at time: CivilTime) {
        let moment = time.amazonText
        let scope = "\(moment.prefix(8))/\(region)/\(service)/aws4_request"
        headers.append(("host", (url.host ?? "") + (url.port.map { ":\($0)" } ?? "")))
        headers.append(("x-amz-date", moment))
        if let token = credentials.sessionToken {
            token.withText { headers.append(("x-amz-security-token", $0)) }
        }
        headers.sort { $0.name < $1.name }
        let names = headers.map(\.name).joined(separator: ";")
        let request = canonicalText(headerNames: names)
        let text =
            "\(Self.algorithm)\n\(moment)\n\(scope)\n\(hexadecimal(SHA256.hash(data: Array(request.utf8))))"
        var key = credentials.secretAccessKey.withText { Array("AWS4\($0)".utf8) }
        for part in scope.split(separator: "/") { key = Self.code(of: part, key: key) }
        let signature = hexadecimal(Self.code(of: text, key: key))
        let value =
            "\(Self.algorithm) Credential=\(credentials.accessKeyID)/\(scope), "
            + "SignedHeaders=\(names), Signature=\(signature)"
        headers.insert(("Authorization", value), at: 0)
    }

    private func canonicalText(headerNames: String) -> String {
        let path = url.percentEncodedPath.isEmpty ? "/" : percentEncoded(url.percentEncodedPath, keeping: "/")
        let query = (url.queryItems ?? [])
            .map { (percentEncoded($0.name), percentEncoded($0.value ?? "")) }
            .sorted { $0 < $1 }
            .map { "\($0)=\($1)" }
            .joined(separator: "&")
        let lines = headers.map { "\($0.name):\($0.value.trimmingASCIISpace())\n" }.joined()
        let bodyHash = hexadecimal(SHA256.hash(data: [UInt8]()))
        return "\(method)\n\(path)\n\(query)\n\(lines)\n\(headerNames)\n\(bodyHash)"
    }

    private static func code(of text: some StringProtocol, key: [UInt8]) -> [UInt8] {
        Array(HMAC<SHA256>.authenticationCode(for: Array(text.utf8), using: SymmetricKey(data: key)))
    }
}
