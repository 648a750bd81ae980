import PolluxJSON
import PolluxSecret

/// `credential_source.executable`: a program of the operator's that prints the subject token.
///
///     {"version": 1, "success": true, "token_type": "urn:ietf:params:oauth:token-type:id_token",
///      "id_token": "…", "expiration_time": 1795250000}
///     {"version": 1, "success": false, "code": "401", "message": "…"}
///
/// Runs only where the environment says `GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES=1`, since the credential
/// file names the program.
///
/// - Limits: `timeout_millis` (5 to 120 s, 30 s by default); ``Program/maximumOutputBytes``.
/// - Source: Google, AIP-4117, "Executable-sourced credentials".
struct ExecutableSubjectToken: SubjectTokenSource {
    private let command: [String]
    private let limit: Duration
    private let outputFile: String?
    private let audience: String
    private let tokenType: String
    private let impersonatedEmail: String?
    private let context: CredentialContext

    static let defaultMilliseconds = 30_000
    static let millisecondsRange = 5_000...120_000

    init(
        reading json: borrowing JSONDocument, at source: JSONNode, audience: String, tokenType: String,
        impersonatedEmail: String?, context: CredentialContext
    ) throws(CredentialError) {
        guard context.environment["GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES"] == "1" else {
            throw .invalid(
                "The credentials come from a program, which runs only with "
                    + "GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES=1 in the environment.")
        }
        guard let words = shellWords(try json.requiredText("command", of: source)), !words.isEmpty else {
            throw .invalid("`executable.command` is not a command line.")
        }
        let milliseconds = json.wholeNumberMember("timeout_millis", of: source) ?? Self.defaultMilliseconds
        guard Self.millisecondsRange.contains(milliseconds) else {
            throw .invalid("`executable.timeout_millis` is not within 5000 and 120000.")
        }
        command = words
        limit = .milliseconds(milliseconds)
        outputFile = json.textMember("output_file", of: source)
        self.audience = audience
        self.tokenType = tokenType
        self.impersonatedEmail = impersonatedEmail
        self.context = context
    }

    var name: String { "program \(command[0])" }

    func subjectToken() async throws(CredentialError) -> Secret {
        if let token = tokenOfOutputFile() { return token }
        let output: Program.Output
        do {
            output = try await Program.run(
                command, environment: childEnvironment, limit: limit, time: context.time)
        } catch {
            throw error.reason == .cancelled ? error : error.within(command[0])
        }
        do {
            // A program that reports a failure may well exit with a status of its own.
            let answer = try Answer(reading: output.bytes, needsExpiry: outputFile != nil)
            return try answer.token(nowSeconds: context.time.nowMilliseconds() / 1000)
        } catch {
            let status = output.status == 0 ? "" : " (it ended with status \(output.status))"
            throw CredentialError(.subjectToken, "\(command[0]): \(error.message)\(status)")
        }
    }

    /// What the program left behind last time, while it is good.
    private func tokenOfOutputFile() -> Secret? {
        guard let outputFile else { return nil }
        do {
            let answer = try Answer(reading: try SmallFile.read(outputFile).bytes, needsExpiry: true)
            return try answer.token(nowSeconds: context.time.nowMilliseconds() / 1000)
        } catch {
            // No file, an old token or a failure: the program is asked instead.
            return nil
        }
    }

    private var childEnvironment: [String: String] {
        var variables = context.environment.variables
        variables["GOOGLE_EXTERNAL_ACCOUNT_AUDIENCE"] = audience
        variables["GOOGLE_EXTERNAL_ACCOUNT_TOKEN_TYPE"] = tokenType
        variables["GOOGLE_EXTERNAL_ACCOUNT_INTERACTIVE"] = "0"
        variables["GOOGLE_EXTERNAL_ACCOUNT_IMPERSONATED_EMAIL"] = impersonatedEmail
        variables["GOOGLE_EXTERNAL_ACCOUNT_OUTPUT_FILE"] = outputFile
        return variables
    }

    /// What the program printed, or left in its file.
    private enum Answer {
        case token(Secret, expiry: Int?)
        case failure(code: String, message: String)

        init(reading bytes: [UInt8], needsExpiry: Bool) throws(CredentialError) {
            self = try readCredentialJSON(bytes, of: "its output") {
                (json: borrowing JSONDocument) throws(CredentialError) in
                guard let version = json.wholeNumberMember("version", of: .root), version <= 1 else {
                    throw .unsupported("its output has no `version` that we know")
                }
                guard let success = json.value("success", of: .root), let succeeded = json.boolean(success)
                else {
                    throw .invalid("its output does not say `success`")
                }
                guard succeeded else {
                    return .failure(
                        code: PublicText.clean(json.textMember("code", of: .root) ?? "?"),
                        message: PublicText.clean(json.textMember("message", of: .root) ?? "?"))
                }
                let expiry = json.wholeNumberMember("expiration_time", of: .root)
                if needsExpiry, expiry == nil { throw .invalid("its output has no `expiration_time`") }
                switch json.textMember("token_type", of: .root) {
                case "urn:ietf:params:oauth:token-type:jwt", "urn:ietf:params:oauth:token-type:id_token":
                    return .token(try json.requiredSecret("id_token", of: .root), expiry: expiry)
                case "urn:ietf:params:oauth:token-type:saml2":
                    return .token(try json.requiredSecret("saml_response", of: .root), expiry: expiry)
                default: throw .unsupported("its output has no `token_type` that we know")
                }
            }
        }

        func token(nowSeconds: Int) throws(CredentialError) -> Secret {
            switch self {
            case .failure(let code, let message):
                throw CredentialError(.subjectToken, "it reported a failure: \(code): \(message)")
            case .token(let token, let expiry):
                if let expiry, expiry <= nowSeconds {
                    throw CredentialError(.subjectToken, "its token has expired")
                }
                return token
            }
        }
    }
}
