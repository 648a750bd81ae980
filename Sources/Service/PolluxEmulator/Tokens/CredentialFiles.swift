import CryptoExtras
import PolluxJSON

/// Credential files that lead Google's libraries, and Pollux, to the emulator's token services.
public struct CredentialFiles: Sendable {
    /// A file's name and its text.
    public struct File: Sendable {
        public let name: String
        public let text: String
    }

    /// The account that the files are for; the emulator must be started with it.
    public let account: ServiceAccount
    private let privateKey: String

    private static let email = "client@emulator.iam.gserviceaccount.com"
    private static let keyID = "emulator-key"

    /// Makes a key of 2048 bits.
    ///
    /// - Throws: what the library says when it has no chance left.
    public init() throws {
        let key = try _RSA.Signing.PrivateKey(keySize: .bits2048)
        privateKey = key.pkcs8PEMRepresentation
        account = ServiceAccount(email: Self.email, key: key.publicKey)
    }

    /// One file of each kind, for an emulator at this address. `folder` is where they will lie.
    public func files(base: String, project: String, folder: String) -> [File] {
        let serviceAccount = { (writer: inout JSONWriter) in
            writer.member("type", "service_account")
            writer.member("project_id", project)
            writer.member("private_key_id", Self.keyID)
            writer.member("private_key", privateKey)
            writer.member("client_email", Self.email)
            writer.member("client_id", "100000000000000000001")
            writer.member("token_uri", base + "/token")
            writer.member("universe_domain", "googleapis.com")
        }
        return [
            file("service-account.json", serviceAccount),
            file("authorized-user.json") {
                $0.member("type", "authorized_user")
                $0.member("client_id", "emulator.apps.googleusercontent.com")
                $0.member("client_secret", "emulator")
                $0.member("refresh_token", "1//emulator")
                $0.member("token_uri", base + "/token")
            },
            file("workload-identity.json") {
                $0.member("type", "external_account")
                $0.member(
                    "audience",
                    "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/pool/providers/provider")
                $0.member("subject_token_type", "urn:ietf:params:oauth:token-type:jwt")
                $0.member("token_url", base + "/sts/v1/token")
                $0.member("credential_source") { $0.object { $0.member("file", folder + "/subject-token") } }
            },
            file("impersonated-service-account.json") {
                $0.member("type", "impersonated_service_account")
                $0.member(
                    "service_account_impersonation_url",
                    "\(base)/v1/projects/-/serviceAccounts/target@emulator.iam.gserviceaccount.com:generateAccessToken"
                )
                $0.member("source_credentials") { $0.object(serviceAccount) }
            },
            File(name: "subject-token", text: "subject-token-of-the-emulator\n"),
        ]
    }

    private func file(_ name: String, _ body: (inout JSONWriter) -> Void) -> File {
        File(name: name, text: String(decoding: JSONWriter.objectText(body), as: UTF8.self) + "\n")
    }
}
