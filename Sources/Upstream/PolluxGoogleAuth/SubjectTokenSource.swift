import NIOHTTP1
import PolluxJSON
import PolluxSecret

/// Where the token of the other identity provider comes from: `credential_source`. Asked at every refresh.
protocol SubjectTokenSource: Sendable {
    /// For the operator: `file /var/run/token`.
    var name: String { get }
    func subjectToken() async throws(CredentialError) -> Secret
}

/// Chooses by the members of `credential_source`.
///
///     file                file
///     url (+ headers)     URL
///     executable          program, when the environment allows it
///     environment_id      aws1: AWS
///     certificate         refused
func makeSubjectTokenSource(
    reading json: borrowing JSONDocument, at node: JSONNode, audience: String, tokenType: String,
    context: CredentialContext
) throws(CredentialError) -> any SubjectTokenSource {
    guard let source = json.value("credential_source", of: node), json.isObject(source) else {
        throw .invalid("`credential_source` is missing.")
    }
    if let environmentID = json.textMember("environment_id", of: source) {
        guard environmentID == "aws1" else {
            throw .unsupported(
                "`environment_id` \"\(PublicText.clean(environmentID))\" is not supported, only \"aws1\".")
        }
        return try AmazonSubjectToken(reading: json, at: source, audience: audience, context: context)
    }
    if let file = json.textMember("file", of: source) {
        return FileSubjectToken(path: file, format: try SubjectTokenFormat(reading: json, at: source))
    }
    if let url = json.textMember("url", of: source) {
        return try URLSubjectToken(url: url, reading: json, at: source, context: context)
    }
    if let executable = json.value("executable", of: source), json.isObject(executable) {
        let account = json.textMember("service_account_impersonation_url", of: node)
        return try ExecutableSubjectToken(
            reading: json, at: executable, audience: audience, tokenType: tokenType,
            impersonatedEmail: account.flatMap { ImpersonatingProvider.email(in: $0) }, context: context)
    }
    if json.value("certificate", of: source) != nil {
        throw .unsupported("X.509 certificates as a credential source are not supported.")
    }
    throw .invalid("`credential_source` has none of file, url, executable, environment_id.")
}

/// How the token stands in the file or answer: `credential_source.format`.
enum SubjectTokenFormat: Sendable {
    /// All of it; white space behind it does not count.
    case text
    /// The member of this name.
    case json(field: String)

    init(reading json: borrowing JSONDocument, at source: JSONNode) throws(CredentialError) {
        guard let format = json.value("format", of: source) else {
            self = .text
            return
        }
        switch json.textMember("type", of: format) {
        case nil, "text": self = .text
        case "json": self = .json(field: try json.requiredText("subject_token_field_name", of: format))
        case let other?: throw .unsupported("`format.type` \"\(PublicText.clean(other))\" is not supported.")
        }
    }

    func token(in bytes: [UInt8], of what: String) throws(CredentialError) -> Secret {
        var text = ""
        switch self {
        case .text: text = String(decoding: bytes, as: UTF8.self).trimmingASCIISpace()
        case .json(let field):
            text = try readCredentialJSON(bytes, of: what) {
                (json: borrowing JSONDocument) throws(CredentialError) in
                guard let member = json.member(named: field, of: .root), json.isString(member) else {
                    return ""
                }
                return json.string(member)
            }
        }
        guard !text.isEmpty else { throw CredentialError(.subjectToken, "\(what) has no subject token.") }
        return Secret(text)
    }
}

/// A file that another program writes anew before the token ends.
struct FileSubjectToken: SubjectTokenSource {
    let path: String
    let format: SubjectTokenFormat

    var name: String { "file \(path)" }

    func subjectToken() async throws(CredentialError) -> Secret {
        do {
            return try format.token(in: try SmallFile.read(path).bytes, of: path)
        } catch {
            // Not permanent: the other program may write the file at any time.
            throw CredentialError(.subjectToken, error.message)
        }
    }
}

/// A local server, as on Azure's machines. Never asked through a proxy.
struct URLSubjectToken: SubjectTokenSource {
    private let url: String
    private let headers: HTTPHeaders
    private let format: SubjectTokenFormat
    private let context: CredentialContext

    /// Headers that a file may ask for.
    static let maximumHeaders = 32

    init(
        url: String, reading json: borrowing JSONDocument, at source: JSONNode, context: CredentialContext
    ) throws(CredentialError) {
        self.url = try context.checkedURL(url, of: "credential_source.url")
        self.context = context
        format = try SubjectTokenFormat(reading: json, at: source)
        var headers = HTTPHeaders()
        if let wanted = json.value("headers", of: source) {
            var members = json.members(wanted)
            while let member = members.next(in: json) {
                guard headers.count < Self.maximumHeaders, json.isString(member.value) else {
                    throw .invalid("`credential_source.headers` is not a short object of strings.")
                }
                headers.add(name: json.string(member.key), value: json.string(member.value))
            }
        }
        self.headers = headers
    }

    var name: String { hostText(of: url) }

    func subjectToken() async throws(CredentialError) -> Secret {
        let answer = try await context.http.send(.GET, url, headers: headers, directly: true)
        guard answer.status == 200 else {
            throw CredentialError(
                .subjectToken, "\(answer.host) answered \(answer.status) instead of a subject token.")
        }
        do {
            return try format.token(in: answer.body, of: "The answer of \(answer.host)")
        } catch {
            throw CredentialError(.subjectToken, error.message)
        }
    }
}
