import PolluxGoogleAuth
import PolluxTransport

/// What an operator can do about a failure. The tables are those of docs/credentials.md.
enum Remedy {
    /// Words of an answer, and what helps. The first that is found counts.
    typealias Table = [(words: String, remedy: String)]

    // MARK: No token

    static func of(_ error: CredentialError) -> String {
        switch error.reason {
        case .notFound:
            "Run `gcloud auth application-default login`, set GOOGLE_APPLICATION_CREDENTIALS, give this machine a "
                + "service account, or set backends[].credentials."
        case .invalid: "Mend the file or the setting that is named; `gcloud` can write the file anew."
        case .unsupported:
            "Use service_account, authorized_user, external_account, external_account_authorized_user or "
                + "impersonated_service_account."
        case .refused: first(in: refusals, for: error.message) ?? "Look up the endpoint's words in docs/credentials.md."
        case .unavailable:
            "Can this machine reach that host? Look at names, firewall and proxy; where a proxy opens TLS, set "
                + "upstream.ca_file."
        case .invalidAnswer: "Something else answers at that address: look at the file's URLs, and for a proxy between."
        case .subjectToken: "Look at credential_source of the file: what it names must give a token of your provider."
        case .cancelled, .shutDown: "Try again."
        }
    }

    private static let refusals: Table = [
        ("iat", "Set this machine's clock."),
        ("Invalid JWT Signature", "The key was deleted or is another account's: create a new key for it."),
        ("account not found", "The service account is gone: create it and a key for it anew."),
        ("invalid_rapt", "The organisation wants a new login: run `gcloud auth application-default login`."),
        ("invalid_grant", "Log in again: run `gcloud auth application-default login`, or create a new key."),
        ("invalid_client", "client_id and client_secret of the file belong to no client: write the file anew."),
        ("unauthorized_client", "The client may not do this: write the file anew with `gcloud`."),
        ("invalid_target", "The audience of the file is not that of the workload identity provider."),
        (
            "invalid_request",
            "The identity provider's token was not accepted: look at audience and conditions of the pool."
        ),
        ("PERMISSION_DENIED", "Grant roles/iam.serviceAccountTokenCreator on the account to whoever impersonates it."),
        ("NOT_FOUND", "The account to impersonate does not exist, or the instance has no service account."),
        ("answered 404", "This machine has no service account: attach one."),
    ]

    // MARK: No answer

    static func of(_ failure: UpstreamFailure) -> String {
        switch failure {
        case .unreachable(let reason):
            first(in: unreachable, for: reason) ?? "Look at address, firewall and proxy between here and there."
        case .staleConnection, .broken: "The connection broke: try again, and look for what stands between."
        case .malformed: "What answers there does not speak HTTP/1.1: look at base_url."
        case .overloaded: "Try again."
        }
    }

    private static let unreachable: Table = [
        ("name was not found", "Look at location, dedicated_dns and base_url, and at this machine's name server."),
        ("refused", "Nothing listens there: look at base_url and its port."),
        ("timed out", "A firewall drops it, or the server hangs: look at the way there."),
        ("another name", "The certificate is not that of the host: look at base_url, or have one made for it."),
        ("expired", "The server needs a new certificate; or set this machine's clock."),
        ("not valid yet", "Set this machine's clock."),
        ("not trusted here", "Name the authority's certificate in upstream.ca_file, or install ca-certificates."),
        ("does not speak it", "Write http:// in base_url, or the port on which TLS is spoken."),
    ]

    // MARK: An error

    /// - Parameter body: the answer's.
    static func of(status: Int, body: String) -> String {
        if let found = first(in: answers, for: body) { return found }
        return switch status {
        case 401: "The upstream does not know this credential: look at its kind, and at the key's project."
        case 403: "Grant roles/aiplatform.user on the project to the account above."
        case 404: "Look at project, location, model and endpoint_id: what is called does not exist there."
        case 429: "The credential is right, the quota is used up: wait, or ask for more."
        case 500...: "The credential was not refused, the upstream fails: try again."
        default: "Look at the message, and at kind and base_url of the backend."
        }
    }

    private static let answers: Table = [
        (
            "SERVICE_DISABLED",
            "Switch the API on: `gcloud services enable aiplatform.googleapis.com --project PROJECT`."
        ),
        ("BILLING_DISABLED", "Give the project a billing account."),
        ("USER_PROJECT_DENIED", "The quota project is not allowed: set GOOGLE_CLOUD_QUOTA_PROJECT to one of yours."),
        ("CONSUMER_INVALID", "The project does not exist, or is not yours: look at backends[].project."),
        ("API_KEY_INVALID", "The key is none, or was deleted: look at credentials.key, or create a new one."),
        ("API_KEY_SERVICE_BLOCKED", "The key is not for this API: change its restrictions."),
        ("API_KEY_IP_ADDRESS_BLOCKED", "The key is not for this machine's address: change its restrictions."),
        ("API_KEY_HTTP_REFERRER_BLOCKED", "The key is for web pages: use one without that restriction."),
        ("ACCESS_TOKEN_SCOPE_INSUFFICIENT", "The machine's access scopes lack cloud-platform: change them."),
        ("User location is not supported", "The Developer API is not offered from here: use Vertex AI."),
    ]

    private static func first(in table: Table, for text: String) -> String? {
        table.first { text.contains($0.words) }?.remedy
    }
}
